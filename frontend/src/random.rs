//! The browser's randomness; `getRandomValues` also works on pages without HTTPS, which `randomUUID` does not.

/// Falls back to the clock where there is no `crypto`, which no browser that runs this lacks.
pub fn bits() -> u128 {
    let mut bytes = [0; 16];
    let crypto = leptos::prelude::window().crypto();
    match crypto.and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).map(|_| ())) {
        Ok(()) => u128::from_be_bytes(bytes),
        Err(_) => u128::from(crate::driver::now()),
    }
}

pub fn seed() -> u64 {
    (bits() >> 64) as u64
}
