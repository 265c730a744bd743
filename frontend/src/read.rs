//! The reads: `GET /api/room` and `GET /api/page`, and what their answers mean to the client.

use app::client::SnapshotFailure;
use app::protocol::{PageData, RoomSnapshot};
use serde::de::DeserializeOwned;

use crate::request::send;

pub async fn room(address: &str) -> Result<RoomSnapshot, SnapshotFailure> {
    get(address).await
}

pub async fn page() -> Result<PageData, SnapshotFailure> {
    get("/api/page").await
}

async fn get<T: DeserializeOwned>(address: &str) -> Result<T, SnapshotFailure> {
    let answer = send("GET", address).await.ok_or(SnapshotFailure::Unreachable)?;
    match answer.status {
        200 => serde_json::from_str(&answer.body).map_err(|_| SnapshotFailure::Unreachable),
        401 => Err(SnapshotFailure::SignedOut),
        404 => Err(SnapshotFailure::NotFound),
        _ => Err(SnapshotFailure::Unreachable),
    }
}
