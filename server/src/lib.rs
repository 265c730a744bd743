//! SiteSpark's server.

pub mod kimi;
