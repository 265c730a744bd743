//! The client against tables of scenarios, and against a model of the server behind a network that does its worst.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on should say where")]
#![allow(clippy::cast_possible_truncation, reason = "the numbers of these tests are small")]
#![allow(clippy::doc_markdown, reason = "the names of products, which are found by them")]

mod branches;
mod connection;
mod herd;
mod http_network;
mod model_server;
mod outbox;
mod pages;
mod people;
mod random_worlds;
mod rooms;
mod stage;
mod streams;
mod transports;
mod world;
