//! What SiteSpark's server and its browser client share.
//!
//! [`protocol`], [`client`], [`event_reader`] and [`account`] are pure: they know no clock, no randomness, no IO and no Leptos, so
//! they are tested natively, and drive the browser, the native test clients and the load tool alike. [`markdown`]
//! turns untrusted text into safe blocks. The pages come with the features `ssr` or `hydrate`, never both.

// The type of a page is the nesting of its elements, and deeper than the compiler's default expects.
#![recursion_limit = "256"]

pub mod account;
#[cfg(feature = "pages")]
pub mod chat;
pub mod client;
#[cfg(feature = "pages")]
mod components;
pub mod details;
pub mod event_reader;
pub mod markdown;
pub mod mentions;
#[cfg(feature = "pages")]
pub mod pages;
pub mod protocol;
#[cfg(feature = "pages")]
pub mod texts;
