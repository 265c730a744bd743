//! What Kimi is doing, honestly: waiting, thinking for so long, writing, stopped by whom, failed why.

use super::{Live, button};
use crate::chat::{Chat, MessageView, Reactive, doing};
use crate::protocol::{Command, MessageId, RoomId, Run, RunStatus, Timestamp};
use crate::texts::{chat as texts, of_run};

/// The line while Kimi is at it.
pub fn working(chat: Chat, message: &MessageView, html: &mut Live) {
    let created_at = message.created_at;
    let (run, waits_for) = (message.run.clone(), message.waits_for.clone());
    let doing = move || run.with(|run| run.as_ref().map(doing).unwrap_or_default()) + &waits_for.get();
    let (run, words) = (message.run.clone(), message.text.clone());
    let seconds = move || {
        let now = chat.now.get();
        run.with(|run| run.as_ref().map(|run| progress(run, created_at, words.bytes(), now)))
            .unwrap_or_default()
    };
    html.tag(r#"<p class="working"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>"#);
    html.tag("<span").live_text(doing);
    html.tag(r#"</span><span class="seconds" aria-hidden="true""#).live_text(seconds).tag("</span></p>");
}

/// For how long it does that, and while it writes, how quickly. A token has about four bytes.
fn progress(run: &Run, created_at: Timestamp, text_length: u64, now: Timestamp) -> String {
    let Some(since) = since(run, created_at) else { return String::new() };
    let seconds = now.saturating_sub(since) / 1_000;
    let written = text_length.saturating_sub(run.text_length) / 4;
    match (run.status, written.checked_div(seconds)) {
        (RunStatus::Writing, Some(speed)) if speed > 0 => texts::speed(&seconds_text(seconds * 1_000), speed),
        _ => seconds_text(seconds * 1_000),
    }
}

/// Since when it does that; nothing once it has ended, so that no clock reaches it.
fn since(run: &Run, created_at: Timestamp) -> Option<Timestamp> {
    match run.status {
        RunStatus::Queued => Some(created_at),
        RunStatus::Thinking => run.thinking_at,
        RunStatus::Tool => run.writing_at.or(run.thinking_at),
        RunStatus::Writing => run.writing_at,
        _ => None,
    }
}

fn seconds_text(milliseconds: u64) -> String {
    match milliseconds / 1_000 {
        0 => String::new(),
        seconds if seconds < 60 => texts::seconds(seconds),
        seconds => texts::minutes(seconds / 60, seconds % 60),
    }
}

/// For how long it thought, once it has done so.
pub fn thought(run: &Run) -> Option<String> {
    let ended = run.writing_at.or(run.ended_at)?;
    let duration = seconds_text(ended.saturating_sub(run.thinking_at?));
    (!duration.is_empty()).then(|| texts::thought_for(&duration))
}

/// How the thinking is headed: for how long, while it goes on and after.
pub fn thinking_title(run: Option<&Run>, now: Timestamp) -> String {
    let Some(run) = run else { return texts::thinking().to_owned() };
    let Some(began) = run.thinking_at else { return texts::thinking().to_owned() };
    let ended = run.writing_at.or(run.ended_at);
    let duration = seconds_text(ended.unwrap_or(now).saturating_sub(began));
    match (ended, duration.is_empty()) {
        (None, true) => texts::thinking().to_owned(),
        (None, false) => texts::thinking_for(&duration),
        (Some(_), true) => texts::thought().to_owned(),
        (Some(_), false) => texts::thought_for(&duration),
    }
}

/// How it ended, when it did not simply end, with what can be done about it.
pub fn outcome(chat: Chat, message: &MessageView, html: &mut Live) {
    let (id, run) = (message.id, message.run.clone());
    let outcome = move || run.with(|run| run.as_ref().and_then(outcome_of)).unwrap_or_default();
    let (class, words) = (outcome.clone(), outcome.clone());
    html.tag("<div").live("class", move || class().class.to_owned());
    html.tag("><span").live_text(move || words().words).tag("</span> ");
    let ask = move |command: fn(RoomId, MessageId) -> Command| {
        if let Some(room) = chat.room.get_untracked() {
            chat.command(command(room, id));
        }
    };
    let cannot_go_on = move || !outcome().can_go_on || !chat.may_steer(id);
    button(html, texts::go_on(), cannot_go_on, move || {
        ask(|room, message| Command::ContinueRun { room, message });
    });
    html.tag(" ");
    button(
        html,
        texts::retry(),
        move || !chat.may_steer(id),
        move || {
            ask(|room, message| Command::RetryRun { room, message });
        },
    );
    html.tag("</div>");
}

/// Everything empty: there is nothing to say.
#[derive(Default)]
pub struct Outcome {
    class: &'static str,
    words: String,
    /// There is a text that the same message can go on with.
    can_go_on: bool,
}

pub fn outcome_of(run: &Run) -> Option<Outcome> {
    let because = |otherwise: &str| {
        let Some(failure) = &run.failure else { return otherwise.to_owned() };
        of_run(&failure.code).unwrap_or(&failure.message).to_owned()
    };
    let (class, words) = match run.status {
        RunStatus::Stopped => {
            let by = run.stopped_by.as_ref();
            ("outcome", by.map_or_else(|| texts::stopped().to_owned(), |name| texts::stopped_by(name)))
        }
        RunStatus::Failed => ("outcome failed", because(texts::not_answered())),
        RunStatus::Interrupted => ("outcome failed", because(texts::cut_off())),
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
    fn it_says_how_long_and_how_quickly() {
        let mut run = Run::queued("kimi-k3".to_owned());
        assert_eq!(progress(&run, 1_000, 0, 4_000), "3 s");
        run.status = RunStatus::Writing;
        run.writing_at = Some(10_000);
        assert_eq!(progress(&run, 1_000, 400, 10_400), "");
        assert_eq!(progress(&run, 1_000, 400, 12_000), "2 s · about 50 tokens/s");
        // Only what was written since it began to, and not what stood there before it was continued.
        run.text_length = 320;
        assert_eq!(progress(&run, 1_000, 400, 12_000), "2 s · about 10 tokens/s");
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
