//! What Kimi is doing, honestly: waiting, thinking for so long, writing, stopped by whom, failed why.

use leptos::prelude::*;

use super::{button, flag, text};
use crate::chat::{Chat, MessageView};
use crate::protocol::{Command, MessageId, RoomId, Run, RunStatus, Timestamp};

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
    let (class, words, is_plain) = (outcome.clone(), outcome.clone(), outcome.clone());
    let class = text(move || class().class.to_owned());
    let words = text(move || words().words);
    let is_plain = flag(move || is_plain().words.is_empty());
    let cannot_go_on = flag(move || !outcome().can_go_on);
    let ask = move |command: fn(RoomId, MessageId) -> Command| {
        if let Some(room) = chat.room.get_untracked() {
            chat.command(command(room, id));
        }
    };
    let go_on = button("Continue", cannot_go_on, move || {
        ask(|room, message| Command::ContinueRun { room, message });
    });
    let retry = button("Retry", flag(|| false), move || {
        ask(|room, message| Command::RetryRun { room, message });
    });
    view! {
        <div class=class hidden=is_plain><span role="status">{words}</span> {go_on} {retry}</div>
    }
}

/// Everything empty: there is nothing to say.
#[derive(Default)]
struct Outcome {
    class: &'static str,
    words: String,
    /// There is a text that the same message can go on with.
    can_go_on: bool,
}

fn outcome_of(run: &Run) -> Option<Outcome> {
    let because = |otherwise: &str| {
        run.failure.as_ref().map_or_else(|| otherwise.to_owned(), |failure| failure.message.clone())
    };
    let (class, words) = match run.status {
        RunStatus::Stopped => {
            let by = run.stopped_by.as_ref().map_or_else(String::new, |name| format!(" by {name}"));
            ("outcome", format!("Stopped{by}."))
        }
        RunStatus::Failed => ("outcome failed", because("Kimi could not answer.")),
        RunStatus::Interrupted => ("outcome failed", because("The reply was cut off.")),
        _ => return None,
    };
    Some(Outcome { class, words, can_go_on: run.status != RunStatus::Failed && run.text_length > 0 })
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

    #[test]
    fn what_has_a_text_can_go_on_unless_it_failed() {
        let mut run = Run::queued("kimi-k3".to_owned());
        let can_go_on = |run: &Run| outcome_of(run).map(|outcome| outcome.can_go_on);
        assert_eq!(can_go_on(&run), None);
        for (status, length, expected) in [
            (RunStatus::Done, 5, None),
            (RunStatus::Failed, 5, Some(false)),
            (RunStatus::Interrupted, 5, Some(true)),
            (RunStatus::Stopped, 5, Some(true)),
            (RunStatus::Stopped, 0, Some(false)),
        ] {
            (run.status, run.text_length) = (status, length);
            assert_eq!(can_go_on(&run), expected, "{status:?}, {length}");
        }
    }
}
