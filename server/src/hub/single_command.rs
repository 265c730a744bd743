//! Reading one frame of a client and doing one command: what a connection's dialogue and a command that came alone, by
//! HTTP, have in common.

use app::protocol::{
    Ack, ClientFrame, Command, CommandId, Failure, FailureCode, FrameError, Limits, OwnPresence, ServerFrame,
};

use super::{Caller, Hub, Rooms};

/// Reads a frame, or says what to answer to it.
pub(super) fn read(text: &str, limits: &Limits) -> Result<ClientFrame, Box<ServerFrame>> {
    let frame = ClientFrame::decode(text);
    if text.len() > limits.frame_bytes {
        let message = format!("A frame may have {} KiB at most.", limits.frame_bytes / 1024);
        // Without the identifier, a client could not know which of its commands to give up.
        let id = match frame {
            Ok(ClientFrame::Command { id, .. }) => Some(id),
            _ => None,
        };
        let failure = Failure::new(FailureCode::FrameTooLarge, message);
        return Err(Box::new(ServerFrame::Error { id, failure }));
    }
    frame.map_err(|error| {
        let (id, code, message) = match error {
            FrameError::Malformed => {
                (None, FailureCode::BadFrame, "The frame is not the JSON that was expected.".to_owned())
            }
            FrameError::UnknownType { id, kind, .. } => {
                let message = format!("There is no frame of type `{}`.", excerpt(&kind));
                (id, FailureCode::UnknownType, message)
            }
            FrameError::BadPayload { id, kind, detail } => {
                (id, FailureCode::BadFrame, format!("`{}`: {}.", excerpt(&kind), excerpt(&detail)))
            }
        };
        Box::new(ServerFrame::Error { id, failure: Failure::new(code, message) })
    })
}

/// Has the chat do a command; a refusal names its room.
pub(super) async fn execute(
    hub: &Hub,
    rooms: &dyn Rooms,
    caller: &Caller,
    id: CommandId,
    command: Command,
) -> Result<Ack, Failure> {
    let room = command.room();
    if matches!(command, Command::SendMessage { .. }) {
        hub.said(room, caller.user);
    }
    rooms.execute(caller, id, command).await.map_err(|mut failure| {
        failure.room.get_or_insert(room);
        failure
    })
}

/// The answer to a command that came alone; to hints there is none. What concerns a connection means nothing there,
/// except whether somebody looks at an event stream, which can't say so itself.
pub async fn answer_alone(hub: &Hub, rooms: &dyn Rooms, caller: &Caller, text: &str) -> Option<ServerFrame> {
    let refusal = |message: &str| {
        Some(ServerFrame::Error { id: None, failure: Failure::new(FailureCode::BadState, message) })
    };
    let (id, command) = match read(text, &hub.limits()) {
        Ok(ClientFrame::Command { id, command }) => (id, command),
        Ok(ClientFrame::Typing { room }) => {
            hub.typed_alone(room, caller, rooms).await;
            return None;
        }
        Ok(ClientFrame::Presence(OwnPresence { state, connection: Some(connection) })) => {
            if hub.heard(caller.user, connection, state) {
                return None;
            }
            return refusal("There is no such connection.");
        }
        Ok(ClientFrame::Presence(_)) => {
            return refusal("`presence:set` needs a `connection`, except on a WebSocket.");
        }
        Ok(ClientFrame::Hello(_)) => {
            return refusal("`session:hello` opens a connection; it is not a command.");
        }
        Err(refusal) => return Some(*refusal),
    };
    let result = match command {
        Command::Subscribe(_) | Command::Unsubscribe { .. } | Command::Resume { .. } => {
            let message =
                format!("`{}` is for WebSockets; open anew with a `session:hello`.", command.kind());
            Err(Failure { room: Some(command.room()), ..Failure::new(FailureCode::BadState, message) })
        }
        command => execute(hub, rooms, caller, id, command).await,
    };
    Some(match result {
        Ok(ack) => ServerFrame::Ack { id, ack },
        Err(failure) => ServerFrame::Error { id: Some(id), failure },
    })
}

/// The beginning of a client's text, short enough for an answer or a log line.
pub(super) fn excerpt(text: &str) -> &str {
    &text[..text.floor_char_boundary(120)]
}
