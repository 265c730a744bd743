//! What a reply was thinking, and which tools it used: apart from its text, and foldable.
//!
//! By itself it is open only while there is nothing else to read. A reader who opens one wants to read it, from now on;
//! who closes one that is still being thought does not want to see any; and who closes one that is over is done with it.
//! That holds for replies that are drawn from then on, on all of the reader's devices: nothing that is on the screen
//! moves for it, and what was opened or closed by hand stays so.

use std::cell::Cell;
use std::rc::Rc;

use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event};

use super::Live;
use super::blocks::blocks;
use super::run_status::thinking_title;
use crate::chat::{Chat, Html, MessageView, Reactive, tool_name};
use crate::protocol::{Command, Fold, Run, RunStatus};
use crate::texts::chat as texts;

/// A tool that is used before there is anything to read belongs to it.
fn is_thinking(run: Option<&Run>) -> bool {
    run.is_some_and(|run| match run.status {
        RunStatus::Thinking => true,
        RunStatus::Tool => run.writing_at.is_none(),
        _ => false,
    })
}

/// The tools that were used, as items of a list.
fn steps(run: &Run) -> String {
    let mut html = Html::default();
    for (index, tool) in run.steps.iter().enumerate() {
        let is_used_now = run.status == RunStatus::Tool && index + 1 == run.steps.len();
        let tool = tool_name(tool);
        let words = if is_used_now { texts::is_using(tool) } else { texts::has_used(tool) };
        html.tag("<li>").text(&words).tag("</li>");
    }
    html.take()
}

pub fn thinking(chat: Chat, message: &MessageView, html: &mut Live) {
    let fold = chat.fold.get_untracked();
    // Absent: nobody has opened or closed it by hand.
    let by_hand: Rc<Cell<Option<bool>>> = Rc::default();
    let (run, chosen) = (message.run.clone(), by_hand.clone());
    let is_open = move || {
        let is_thinking = run.with(|run| is_thinking(run.as_ref()));
        chosen.get().unwrap_or(match fold {
            Fold::Auto => is_thinking,
            Fold::Open => true,
            Fold::Closed => false,
        })
    };
    let run = message.run.clone();
    let title = move || {
        // Once the thinking is over, its title stands still.
        let now = if run.with(|run| is_thinking(run.as_ref())) { chat.now.get() } else { 0 };
        run.with(|run| thinking_title(run.as_ref(), now))
    };
    let run = message.run.clone();
    let pressed = move |event: &Event| {
        let Some(opens) = opens(event) else { return };
        by_hand.set(Some(opens));
        let fold = after(opens, run.with_untracked(|run| is_thinking(run.as_ref())));
        if let Some(room) = chat.room.get_untracked().filter(|_| fold != chat.fold.get_untracked()) {
            chat.command(Command::ChangeUser { room, thinking: fold });
        }
    };
    html.tag(r#"<details class="thinking""#).live_if("open", is_open);
    html.tag("><summary").on("click", pressed).live_text(title);
    html.tag(r#"</summary><div class="text""#).rows(blocks(message.thinking.clone()));
    let run = message.run.clone();
    html.tag("</div><ol class=\"steps\"");
    html.live_html(move || run.with(|run| run.as_ref().map(steps)).unwrap_or_default());
    html.tag("</ol></details>");
}

/// Whether the press on a summary will open what is below it.
fn opens(event: &Event) -> Option<bool> {
    let summary: Element = event.current_target()?.unchecked_into();
    Some(!summary.parent_element()?.has_attribute("open"))
}

fn after(opens: bool, is_thinking: bool) -> Fold {
    match (opens, is_thinking) {
        (true, _) => Fold::Open,
        (false, true) => Fold::Closed,
        (false, false) => Fold::Auto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_say_what_was_used_and_what_is() {
        let mut run = Run::queued("kimi-k3".to_owned());
        assert_eq!(steps(&run), "");
        run.steps = vec!["$web_search".to_owned(), "<b>".to_owned()];
        assert_eq!(steps(&run), "<li>Kimi used web search</li><li>Kimi used &lt;b&gt;</li>");
        run.status = RunStatus::Tool;
        assert_eq!(steps(&run), "<li>Kimi used web search</li><li>Kimi is using &lt;b&gt;</li>");
        assert!(is_thinking(Some(&run)));
        run.writing_at = Some(1);
        assert!(!is_thinking(Some(&run)), "there is something to read");
    }
}
