//! What Kimi is doing, honestly: waiting, thinking for so long, writing, stopped by whom, failed why.

use leptos::prelude::*;

use super::{flag, text};
use crate::chat::{Chat, MessageView};
use crate::protocol::{Command, Run, RunStatus, Timestamp};

/// The line while Kimi is at it.
pub fn working(message: &MessageView) -> impl IntoView + use<> {
    let chat = expect_context::<Chat>();
    let created_at = message.created_at;
    let status = {
        let run = message.run.clone();
        move || run.with(|run| run.as_ref().map_or(RunStatus::Done, |run| run.status))
    };
    let run = message.run.clone();
    let doing = text({
        let status = status.clone();
        move || doing(status()).to_owned()
    });
    let seconds = text(move || {
        let since = run.with(|run| run.as_ref().and_then(|run| since(run, created_at)));
        since.map_or_else(String::new, |since| seconds_text(chat.now.get().saturating_sub(since)))
    });
    let has_ended = flag(move || status().has_ended());
    view! {
        <p class="working" hidden=has_ended>
            <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
            <span role="status">{doing}</span>
            <span class="seconds" aria-hidden="true">{seconds}</span>
        </p>
    }
}

fn doing(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Queued => "Kimi is about to answer",
        RunStatus::Thinking => "Kimi is thinking",
        RunStatus::Tool => "Kimi is using a tool",
        RunStatus::Writing => "Kimi is writing",
        _ => "",
    }
}

/// Since when it does that; nothing once it has ended, so that no clock reaches it.
fn since(run: &Run, created_at: Timestamp) -> Option<Timestamp> {
    match run.status {
        RunStatus::Queued => Some(created_at),
        RunStatus::Thinking => run.thinking_at,
        RunStatus::Tool | RunStatus::Writing => run.writing_at,
        _ => None,
    }
}

fn seconds_text(milliseconds: u64) -> String {
    match milliseconds / 1_000 {
        0 => String::new(),
        seconds if seconds < 60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// How the thinking is headed: for how long, while it goes on and after.
pub fn thinking_title(run: Option<&Run>, now: Timestamp) -> String {
    let Some(run) = run else { return "Thinking".to_owned() };
    let Some(began) = run.thinking_at else { return "Thinking".to_owned() };
    let ended = run.writing_at.or(run.ended_at);
    let duration = seconds_text(ended.unwrap_or(now).saturating_sub(began));
    match (ended, duration.is_empty()) {
        (None, true) => "Thinking".to_owned(),
        (None, false) => format!("Thinking · {duration}"),
        (Some(_), true) => "Thought for a moment".to_owned(),
        (Some(_), false) => format!("Thought for {duration}"),
    }
}

/// How it ended, when it did not simply end, with what can be done about it.
pub fn outcome(message: &MessageView) -> impl IntoView + use<> {
    let chat = expect_context::<Chat>();
    let id = message.id;
    let run = message.run.clone();
    let outcome = move || run.with(|run| run.as_ref().and_then(outcome_of)).unwrap_or_default();
    let (class, words, is_plain) = (outcome.clone(), outcome.clone(), outcome);
    let retry = move |_| {
        if let Some(room) = chat.room.get_untracked() {
            chat.command(Command::RetryRun { room, message: id });
        }
    };
    let class = text(move || class().0.to_owned());
    let words = text(move || words().1);
    let is_plain = flag(move || is_plain().1.is_empty());
    view! {
        <div class=class role="status" hidden=is_plain>
            <span>{words}</span>
            <button class="button small needs-script" type="button" on:click=retry>"Retry"</button>
        </div>
    }
}

fn outcome_of(run: &Run) -> Option<(&'static str, String)> {
    let failure = || run.failure.as_ref().map(|failure| failure.message.clone());
    match run.status {
        RunStatus::Stopped => {
            let by = run.stopped_by.as_ref().map_or_else(String::new, |name| format!(" by {name}"));
            Some(("outcome", format!("Stopped{by}.")))
        }
        RunStatus::Failed => {
            Some(("outcome failed", failure().unwrap_or_else(|| "Kimi could not answer.".to_owned())))
        }
        RunStatus::Interrupted => {
            Some(("outcome failed", failure().unwrap_or_else(|| "The reply was cut off.".to_owned())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinking_is_headed_by_its_time() {
        let mut run = Run::queued("kimi-k3".to_owned());
        assert_eq!(thinking_title(Some(&run), 5_000), "Thinking");
        run.thinking_at = Some(1_000);
        assert_eq!(thinking_title(Some(&run), 1_500), "Thinking");
        assert_eq!(thinking_title(Some(&run), 13_200), "Thinking · 12 s");
        run.writing_at = Some(76_000);
        assert_eq!(thinking_title(Some(&run), 90_000), "Thought for 1 min 15 s");
        run.writing_at = Some(1_400);
        assert_eq!(thinking_title(Some(&run), 90_000), "Thought for a moment");
    }
}
