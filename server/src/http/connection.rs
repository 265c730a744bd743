//! Opening a connection, the same for every transport: who it is, whether there is room, whether the session still
//! lives, and whether this server does.

use std::net::IpAddr;
use std::sync::Arc;

use app::protocol::{CloseCode, ConnectionId};

use super::AppState;
use crate::hub::{Caller, Closing, Connection, Dialogue, Registration};

/// A connection that has its place in the hub and has heard nothing yet.
#[derive(Debug)]
pub struct Opened {
    pub connection: Arc<Connection>,
    pub dialogue: Dialogue,
    pub registration: Registration,
}

/// Opens a connection for the holder of a redeemed ticket, or says with which words it ends.
pub async fn open(state: &AppState, caller: Option<Caller>, address: IpAddr) -> Result<Opened, Closing> {
    let caller = caller.ok_or(Closing::with(CloseCode::BadTicket))?;
    let connection = Connection::new(ConnectionId(uuid::Uuid::now_v7()), caller);
    // Also counted here: tickets can be saved up.
    let registration =
        state.hub.register(connection.clone(), address).ok_or(Closing::with(CloseCode::Retry))?;
    // After registering, so that a sign-out or a drain either finds the connection or is found here.
    match state.accounts.user(connection.caller.session).await {
        Ok(Some(_)) => {}
        Ok(None) => return Err(Closing::with(CloseCode::SessionEnded)),
        Err(error) => {
            tracing::error!(%error, "a session could not be read");
            return Err(Closing::with(CloseCode::Retry));
        }
    }
    if state.drain.has_begun() {
        return Err(state.drain.closing());
    }
    let beat = state.sockets.ping_interval;
    let dialogue = Dialogue::new(state.hub.clone(), state.chat.clone(), connection.clone(), beat);
    Ok(Opened { connection, dialogue, registration })
}
