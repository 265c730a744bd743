//! Bytes in and out: the ways in which a connection's frames travel. Nothing here knows what a frame means.

pub mod websocket;
