//! One reply as a list of steps: what to say, where to wait, where to break. Pure: the request and the script go in,
//! and no clock, so a plan is the same every time.

mod calls;
mod envelope;
mod places;

use std::time::Duration;

use super::{
    faults::{self, Fault},
    reply,
    request::ChatRequest,
    script::{Dialect, Partial, Script},
    tokens,
    wire::{Chunk, Envelope},
};
use calls::Call;
use envelope::Said;
use places::Place;

/// Pace that feels alive: thinking of a second or two, then text a little faster than one reads.
const THINKING_RATE: f64 = 40.0;
const RATE: f64 = 60.0;

/// A merged line as a gateway was seen to send it (§6.10).
const GARBAGE: &str = r#"data: {"id":"chatcmpl-jQugNdata:{"choices":[{"index":0,"delta":{"content":"x"}}]}"#;

/// One thing the player does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    Wait(Duration),
    Gate(String),
    Chunk(Chunk),
    /// A line as it is.
    Line(String),
    /// The end before the end; properly, or by breaking the connection.
    Cut {
        clean: bool,
    },
    Done,
}

/// Everything about one reply.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Before the head of the response.
    pub head: Vec<Step>,
    pub steps: Vec<Step>,
    pub envelope: Envelope,
    pub text: String,
    pub thinking: Option<String>,
    pub tool_calls: Option<String>,
}

/// What is wrong with a script as a whole.
pub(super) fn check(script: &Script) -> Result<(), String> {
    for word in script.fail.iter().chain(&script.stream_error) {
        faults::find(word).ok_or_else(|| format!("unknown fault `{word}`"))?;
    }
    places::read(script.gate.as_deref().unwrap_or_default()).map(|_| ())
}

/// Plans the reply to a request. `now` is the Unix time in seconds, for ids.
pub(super) fn plan(request: &ChatRequest, script: &Script, now: u64) -> Plan {
    let planner = Planner::new(request, script);
    let arguments: usize = planner.calls.iter().map(|call| tokens::count(&call.arguments)).sum();
    let said = Said {
        thinking: planner.thinking.len(),
        all: planner.thinking.len() + planner.text.len() + arguments,
        finish_reason: &planner.finish_reason,
    };
    let envelope = envelope::envelope(request, script, &said, now);
    planner.finish(request, envelope)
}

struct Planner<'a> {
    script: &'a Script,
    gates: Vec<(Place, String)>,
    thinking: Vec<String>,
    /// Only what follows a partial beginning.
    text: Vec<String>,
    /// Text tokens of the whole reply before the first one sent here.
    start: u32,
    /// There is a partial beginning.
    continues: bool,
    calls: Vec<Call>,
    thinks: bool,
    finish_reason: String,
}

impl<'a> Planner<'a> {
    fn new(request: &ChatRequest, script: &'a Script) -> Self {
        let reply = reply::compose(&request.prompt(), script);
        let partial = request.partial().filter(|partial| !partial.is_empty());
        let partial = partial.filter(|_| script.partial == Partial::Continue);
        let thinks = request.thinks() && !script.no_thinking;
        let follows_tool = request.follows_tool() && !script.tool_always;
        // A partial beginning comes after its thinking.
        let silent = !thinks || partial.is_some() || (follows_tool && script.tool.is_some());
        let mut thinking = match (&script.thinking_pieces, silent) {
            (_, true) => Vec::new(),
            (Some(pieces), false) => pieces.clone(),
            (None, false) => owned(tokens::split(&reply.thinking)),
        };
        let whole = match &script.text_pieces {
            Some(pieces) => pieces.clone(),
            // The tool has answered; now the question is.
            None if follows_tool && script.tool.is_some() && script.text.is_none() => {
                let script = Script { tool: None, ..script.clone() };
                owned(tokens::split(&reply::compose(&request.prompt(), &script).text))
            }
            None => owned(tokens::split(&reply.text)),
        };
        let (start, mut text) = remainder(whole, partial.as_deref().unwrap_or_default());
        let calls = if follows_tool { Vec::new() } else { calls::read(script) };

        let budget = request.budget();
        let mut finish_reason = if calls.is_empty() { "stop" } else { "tool_calls" };
        if thinking.len() + text.len() > budget || script.empty {
            finish_reason = "length";
        }
        thinking.truncate(budget);
        text.truncate(budget - thinking.len());
        Self {
            script,
            gates: places::read(script.gate.as_deref().unwrap_or_default()).unwrap_or_default(),
            thinking,
            text,
            start,
            continues: partial.is_some(),
            calls,
            thinks,
            finish_reason: script.finish_reason.clone().unwrap_or_else(|| finish_reason.to_owned()),
        }
    }

    fn finish(self, request: &ChatRequest, envelope: Envelope) -> Plan {
        let script = self.script;
        let mut head = vec![Step::Wait(Duration::from_millis(script.first_byte_ms))];
        self.gate(&mut head, &Place::Headers);

        let mut steps = vec![Step::Wait(Duration::from_millis(script.silence_ms))];
        self.gate(&mut steps, &Place::Start);
        if script.empty_choices_first {
            steps.push(Step::Chunk(Chunk::NoChoices));
        }
        steps.push(Step::Chunk(Chunk::Role));
        self.think(&mut steps);
        self.write(&mut steps);
        let calls = calls::deltas(&self.calls, script);
        steps.extend(calls.into_iter().map(|call| Step::Chunk(Chunk::ToolCalls(call))));

        self.gate(&mut steps, &Place::Finish);
        if script.cut_before_finish {
            steps.push(self.cut());
        }
        steps.push(Step::Chunk(Chunk::Finish));
        if script.include_usage.unwrap_or(request.includes_usage()) {
            steps.push(Step::Chunk(Chunk::Usage));
        }
        self.gate(&mut steps, &Place::Done);
        if script.cut_before_done {
            steps.push(self.cut());
        }
        steps.push(Step::Done);

        Plan {
            head,
            steps,
            envelope,
            text: self.text.concat(),
            thinking: (self.thinks || request.model() == "kimi-k2.6").then(|| self.thinking.concat()),
            tool_calls: calls::message(&self.calls),
        }
    }

    fn think(&self, steps: &mut Vec<Step>) {
        let rate = self.script.thinking_rate.or(self.script.rate.filter(|rate| *rate == 0.0));
        for (position, piece) in (0..).zip(&self.thinking) {
            self.gate(steps, &Place::Thinking(position));
            if self.script.cut_thinking == Some(position) {
                steps.push(self.cut());
            }
            steps.extend(pause(rate.unwrap_or(THINKING_RATE)));
            steps.push(Step::Chunk(Chunk::Thinking(piece.clone())));
        }
        let all = u32::try_from(self.thinking.len()).unwrap_or(u32::MAX);
        if self.script.cut_thinking.is_some_and(|cut| cut >= all) && all > 0 {
            steps.push(self.cut());
        }
        // Moonshot closes its thinking; nobody else was seen doing so.
        if all > 0
            && self.script.dialect == Dialect::Moonshot
            && !self.text.is_empty() | !self.calls.is_empty()
        {
            steps.push(Step::Chunk(Chunk::ThinkingEnd));
        }
    }

    fn write(&self, steps: &mut Vec<Step>) {
        let rate = self.script.rate.unwrap_or(RATE);
        let mut position = self.start;
        self.before(steps, position);
        for piece in &self.text {
            steps.extend(pause(rate));
            steps.push(Step::Chunk(Chunk::Text(piece.clone())));
            position += 1;
            self.before(steps, position);
        }
    }

    /// What happens before the text token at `position`, or after the last one.
    fn before(&self, steps: &mut Vec<Step>, position: u32) {
        let script = self.script;
        self.gate(steps, &Place::Text(position));
        // A continuation that begins where the reply was cut must get further.
        let reached =
            |place: Option<u32>| place == Some(position) && (position > self.start || !self.continues);
        if reached(script.garbage) {
            steps.push(Step::Line(script.garbage_line.clone().unwrap_or_else(|| GARBAGE.to_owned())));
        }
        if let Some(fault) = script.stream_error.as_deref().and_then(faults::find)
            && reached(Some(script.stream_error_at.unwrap_or(10)))
        {
            steps.push(Step::Chunk(Chunk::Error(fault)));
            if script.dialect == Dialect::Vllm {
                steps.push(Step::Done);
            }
            steps.push(Step::Cut { clean: true });
        }
        if reached(script.cut) || script.cut_after == Some(position - self.start) {
            steps.push(self.cut());
        }
    }

    fn gate(&self, steps: &mut Vec<Step>, place: &Place) {
        let here = self.gates.iter().filter(|(gate, _)| gate == place);
        steps.extend(here.map(|(_, name)| Step::Gate(name.clone())));
    }

    fn cut(&self) -> Step {
        Step::Cut { clean: self.script.clean_cut }
    }
}

fn owned(pieces: Vec<&str>) -> Vec<String> {
    pieces.into_iter().map(str::to_owned).collect()
}

fn pause(rate: f64) -> Option<Step> {
    let wait = Duration::try_from_secs_f64(1.0 / rate).ok().filter(|_| rate > 0.0)?;
    Some(Step::Wait(wait))
}

/// What follows `beginning` in the reply, and how many of its tokens the beginning holds. A beginning that is not of
/// this reply is answered by the whole reply, after a line break: a real model would find some way to go on, too.
fn remainder(pieces: Vec<String>, beginning: &str) -> (u32, Vec<String>) {
    let mut left = beginning;
    let mut position = 0;
    for (index, piece) in pieces.iter().enumerate() {
        if left.is_empty() {
            return (position, pieces[index..].to_vec());
        }
        if let Some(rest) = left.strip_prefix(piece.as_str()) {
            left = rest;
            position += 1;
            continue;
        }
        if let Some(rest) = piece.strip_prefix(left) {
            let rest = std::iter::once(rest.to_owned()).chain(pieces[index + 1..].iter().cloned());
            return (position, rest.collect());
        }
        return (0, std::iter::once("\n\n".to_owned()).chain(pieces).collect());
    }
    // Everything was said, and perhaps more.
    (position, Vec::new())
}

/// The fault that the script asks for instead of a reply to this request.
pub(super) fn fault(request: &ChatRequest, script: &Script) -> Option<Fault> {
    if script.partial == Partial::Refuse && request.partial().is_some() {
        let message = "Invalid request: the last message must not be of the assistant".to_owned();
        return Some(Fault::refusal("partial", 400, "invalid_request_error", message));
    }
    let mut fault = faults::find(script.fail.as_deref()?)?;
    if let Some(after) = &script.retry_after {
        fault.after = after.parse().ok();
    }
    Some(fault)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::kimi::simulator::prompt_words;

    fn plan_of(script: Value, messages: Value) -> Plan {
        let script = Script::read(script.as_object().unwrap()).unwrap();
        check(&script).unwrap();
        plan(&ChatRequest { body: json!({"model": "kimi-k3", "messages": messages}) }, &script, 0)
    }

    fn user(text: &str) -> Value {
        json!([{"role": "user", "content": text}])
    }

    fn continued(text: &str, beginning: &str) -> Value {
        json!([{"role": "user", "content": text}, {"role": "assistant", "content": beginning, "partial": true}])
    }

    #[test]
    fn a_continuation_is_exactly_the_remainder() {
        let script = json!({"unicode": true});
        let whole = plan_of(script.clone(), user("x")).text;
        for (position, _) in whole.char_indices() {
            let rest = plan_of(script.clone(), continued("x", &whole[..position]));
            assert_eq!(rest.text, whole[position..], "at {position}");
            assert_eq!(
                rest.thinking.as_deref(),
                Some(if position == 0 { rest.thinking.as_deref().unwrap() } else { "" })
            );
        }
        assert_eq!(plan_of(script.clone(), continued("x", &whole)).text, "");
        assert_eq!(plan_of(script, continued("x", "Something else")).text, format!("\n\n{whole}"));
    }

    #[test]
    fn a_cut_comes_once_and_cut_after_every_time() {
        let is_cut = |script: Value, messages: Value| {
            let plan = plan_of(script, messages);
            let cut = plan.steps.iter().position(|step| matches!(step, Step::Cut { .. }))?;
            let texts = plan.steps[..cut].iter().filter(|step| matches!(step, Step::Chunk(Chunk::Text(_))));
            Some(texts.count())
        };
        let whole = plan_of(json!({}), user("x")).text;
        let first: String = tokens::first(&whole, 40);
        assert_eq!(is_cut(json!({"cut": 40}), user("x")), Some(40));
        assert_eq!(is_cut(json!({"cut": 40}), continued("x", &first)), None);
        assert_eq!(is_cut(json!({"cut": 40}), continued("x", &first[..first.len() - 1])), Some(1));
        assert_eq!(is_cut(json!({"cut_after": 5}), continued("x", &first)), Some(5));
        assert_eq!(is_cut(json!({"cut": 0}), user("x")), Some(0));
    }

    #[test]
    fn the_budget_counts_thinking_and_text() {
        let script = Script::read(json!({"tokens": 50, "thinking_tokens": 30}).as_object().unwrap()).unwrap();
        let body =
            |budget: u32| json!({"model": "kimi-k3", "max_completion_tokens": budget, "messages": user("x")});
        let texts = |budget| {
            let plan = plan(&ChatRequest { body: body(budget) }, &script, 0);
            (tokens::count(&plan.text), tokens::count(&plan.thinking.unwrap()), plan.envelope.finish_reason)
        };
        assert_eq!(texts(80), (50, 30, "stop".to_owned()));
        assert_eq!(texts(79), (49, 30, "length".to_owned()));
        assert_eq!(texts(16), (0, 16, "length".to_owned()));
    }

    #[test]
    fn a_wrong_gate_or_fault_is_named() {
        for (script, word) in [(json!({"gate": "a@b"}), "a@b"), (json!({"fail": "nope"}), "nope")] {
            let script = Script::read(script.as_object().unwrap()).unwrap();
            assert!(check(&script).unwrap_err().contains(word));
        }
    }

    #[test]
    fn the_default_pace_feels_alive() {
        let script = Script::read(&prompt_words::read("How do I plan a trip?")).unwrap();
        let body = json!({"model": "kimi-k3", "messages": user("How do I plan a trip?")});
        let plan = plan(&ChatRequest { body }, &script, 0);
        let wait = |until: &dyn Fn(&Step) -> bool| -> Duration {
            let waits = plan.steps.iter().take_while(|step| !until(step));
            waits.filter_map(|step| if let Step::Wait(wait) = step { Some(*wait) } else { None }).sum()
        };
        let thinking = wait(&|step| matches!(step, Step::Chunk(Chunk::Text(_))));
        assert!((1.0..2.5).contains(&thinking.as_secs_f64()), "{thinking:?}");
        assert!(wait(&|_| false) < Duration::from_secs(15));
    }
}
