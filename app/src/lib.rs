//! What SiteSpark's server and its browser client share.
//!
//! [`protocol`] and [`client`] are pure: they know no clock, no randomness, no IO and no Leptos, so they are
//! tested natively and drive the browser, the native test clients and the load tool alike. [`markdown`] turns
//! untrusted text into safe blocks. The pages come with the features `ssr` or `hydrate`, never both.

pub mod client;
pub mod markdown;
pub mod protocol;
