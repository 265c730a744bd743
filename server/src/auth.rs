//! Who somebody is: passwords, sessions, tickets, and the limits that are counted per user.

pub mod accounts;
pub mod limiter;
pub mod password;
pub mod session;
pub mod ticket;
