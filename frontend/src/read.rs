//! The reads: `GET /api/room` and `GET /api/page`, and what their answers mean to the client.

use app::client::SnapshotFailure;
use app::protocol::{PageData, RoomSnapshot, from_json};

use crate::request::send;

pub async fn room(address: &str) -> Result<RoomSnapshot, SnapshotFailure> {
    from_json(&get(address).await?).map_err(|_| SnapshotFailure::Unreachable)
}

pub async fn page() -> Result<PageData, SnapshotFailure> {
    from_json(&get("/api/page").await?).map_err(|_| SnapshotFailure::Unreachable)
}

async fn get(address: &str) -> Result<String, SnapshotFailure> {
    let answer = send("GET", address).await.ok_or(SnapshotFailure::Unreachable)?;
    match answer.status {
        200 => Ok(answer.body),
        401 => Err(SnapshotFailure::SignedOut),
        404 => Err(SnapshotFailure::NotFound),
        _ => Err(SnapshotFailure::Unreachable),
    }
}
