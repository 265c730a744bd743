//! Values that the page is drawn from: an effect that has read one runs again when it has changed.
//!
//! The framework's signals, but compiled once for all types of values, and not for each anew: only what looks at a value
//! knows its type.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, PoisonError, RwLock};

use leptos::prelude::{ArcTrigger, Notify, Track};
use leptos::reactive::owner::ArenaItem;

/// Where a value is kept.
#[derive(Debug)]
pub struct Cell<T: ?Sized = dyn Any + Send + Sync> {
    changed: ArcTrigger,
    value: RwLock<T>,
}

/// A value that is there for as long as the page. Copies are handles to the same one.
pub struct Value<T> {
    cell: ArenaItem<Arc<Cell>>,
    of: PhantomData<fn() -> T>,
}

/// A value that is there for as long as somebody has it. Clones are handles to the same one.
pub struct Shared<T> {
    cell: Arc<Cell>,
    of: PhantomData<fn() -> T>,
}

fn new<T: Send + Sync + 'static>(value: T) -> Arc<Cell> {
    Arc::new(Cell { changed: ArcTrigger::new(), value: RwLock::new(value) })
}

impl<T: Send + Sync + 'static> Value<T> {
    pub fn new(value: T) -> Self {
        Self { cell: ArenaItem::new(new(value)), of: PhantomData }
    }
}

impl<T: Send + Sync + 'static> Shared<T> {
    pub fn new(value: T) -> Self {
        Self { cell: new(value), of: PhantomData }
    }
}

impl<T> Clone for Value<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Value<T> {}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { cell: self.cell.clone(), of: PhantomData }
    }
}

impl<T> fmt::Debug for Value<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Value")
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shared")
    }
}

impl<T: Send + Sync + 'static> Reactive for Value<T> {
    type Value = T;

    fn cell(&self) -> Arc<Cell> {
        match self.cell.try_get_value() {
            Some(cell) => cell,
            // Nothing outlives the page: what the server draws is whole before it is let go.
            None => unreachable!("a value is looked at only while there is the page"),
        }
    }
}

impl<T: Send + Sync + 'static> Reactive for Shared<T> {
    type Value = T;

    fn cell(&self) -> Arc<Cell> {
        self.cell.clone()
    }
}

/// What can be done with a value. A value must not be changed while it is looked at.
pub trait Reactive {
    type Value: Send + Sync + 'static;

    fn cell(&self) -> Arc<Cell>;

    /// The effect that runs will run again when the value has changed.
    fn track(&self) {
        self.cell().changed.track();
    }

    fn with<U>(&self, look: impl FnOnce(&Self::Value) -> U) -> U {
        self.track();
        self.with_untracked(look)
    }

    fn with_untracked<U>(&self, look: impl FnOnce(&Self::Value) -> U) -> U {
        let cell = self.cell();
        let value = cell.value.read().unwrap_or_else(PoisonError::into_inner);
        match value.downcast_ref() {
            Some(value) => look(value),
            None => unreachable!("a cell keeps the type it was made with"),
        }
    }

    fn get(&self) -> Self::Value
    where
        Self::Value: Clone,
    {
        self.with(Clone::clone)
    }

    fn get_untracked(&self) -> Self::Value
    where
        Self::Value: Clone,
    {
        self.with_untracked(Clone::clone)
    }

    fn set(&self, value: Self::Value) {
        self.update(|held| *held = value);
    }

    /// Sets it, unless it is that already.
    fn put(&self, value: Self::Value)
    where
        Self::Value: PartialEq,
    {
        if self.with_untracked(|held| *held != value) {
            self.set(value);
        }
    }

    fn update<U>(&self, change: impl FnOnce(&mut Self::Value) -> U) -> U {
        let cell = self.cell();
        let result = {
            let mut value = cell.value.write().unwrap_or_else(PoisonError::into_inner);
            match value.downcast_mut() {
                Some(value) => change(value),
                None => unreachable!("a cell keeps the type it was made with"),
            }
        };
        cell.changed.notify();
        result
    }
}
