//! One run at work: it asks the model, records what comes, and when the model's stream breaks asks again for the rest.
//!
//! Whatever is asked follows from what is stored: with text, the model is asked to continue exactly it (partial mode);
//! with thinking alone, the thinking begins anew under a higher attempt; with neither, the question is simply asked. So
//! a run that broke, was taken over, or is continued by somebody goes on in one and the same way. What the model was told
//! by tools is not stored: only while nothing breaks it goes on with that.

use std::sync::Arc;
use std::time::Duration;

use app::protocol::{MessageId, Run, RunStatus, Thinking, Usage};
use app::texts;
use futures::StreamExt;
use tokio::sync::SemaphorePermit;

use super::tools::{self, Round};
use super::{Admitted, Ending, Halt, Shared};
use crate::bus::Publication;
use crate::chat::recorder::{LeaseLost, RunText};
use crate::chat::{context, models};
use crate::clock;
use crate::kimi::{self, Delta, DeltaStream, Error, FinishReason, Request, Retry, Turn};

impl From<LeaseLost> for Halt {
    fn from(_: LeaseLost) -> Self {
        Self::Left
    }
}

pub(super) struct Generation<'a> {
    admitted: &'a mut Admitted,
    shared: Arc<Shared>,
    /// Absent until the run has its turn and a place, and was read.
    open: Option<Open>,
}

/// What is known of a run that is being written.
struct Open {
    parent: Option<MessageId>,
    run: Run,
    text: Arc<RunText>,
}

/// How a stream of the model ended.
enum End {
    Finished(Option<FinishReason>),
    /// The model waits for what its tools say.
    Calls(Round),
    Broken(Error),
}

impl<'a> Generation<'a> {
    pub(super) fn new(admitted: &'a mut Admitted) -> Self {
        let shared = admitted.shared.clone();
        Self { admitted, shared, open: None }
    }

    /// Works until there is an end to record.
    pub(super) async fn answer(&mut self) -> Result<Ending, Halt> {
        let shared = self.shared.clone();
        if shared.turn(self.admitted.room, self.admitted.message).await? {
            // Much may have become of it meanwhile.
            self.admitted.fresh = None;
        }
        let _place = place(&shared).await?;
        self.open().await?;
        let Some(open) = &mut self.open else { return Err(Halt::Left) };
        let mut work = Work { shared: &shared, admitted: self.admitted, open, told: Vec::new() };
        if work.admitted.take_overs > shared.policy.take_overs {
            return Ok(work.failed_as("restarted", texts::runs::restarted()));
        }
        work.write().await
    }

    /// Reads the run, unless it is new, and opens its texts to those who follow the room.
    async fn open(&mut self) -> Result<(), Halt> {
        let (room, message) = (self.admitted.room, self.admitted.message);
        let reply = match self.admitted.fresh.take() {
            Some(reply) => Some(reply),
            None => self.shared.store.message(room, message).await?,
        };
        // Deleted, or ended by somebody else, before it had its turn.
        let reply = reply.ok_or(Halt::Left)?;
        let run = reply.run.filter(|run| !run.status.has_ended()).ok_or(Halt::Left)?;
        let stored = (reply.text.len() as u64, reply.thinking.len() as u64);
        self.admitted.is_open = true;
        self.shared.bus.publish(Publication::StreamOpened {
            room,
            message,
            attempt: run.attempt,
            text: reply.text,
            thinking: reply.thinking,
        });
        let text = RunText::new(room, message, self.admitted.token, stored);
        self.open = Some(Open { parent: reply.parent, run, text });
        Ok(())
    }

    /// Who stopped it, by name.
    pub(super) fn stopped_by(&self) -> Option<String> {
        self.shared.active().get(&self.admitted.message).and_then(|active| active.stopped_by.clone())
    }

    /// Waits until everything received is stored and shown, or the lease is found lost.
    pub(super) async fn flush(&self) {
        if let Some(open) = &self.open {
            _ = self.shared.recorder.flush(&open.text).await;
        }
    }

    /// Records the end: what was received is stored and shown first, then the state that says it is complete.
    pub(super) async fn end(mut self, ending: Ending) -> Result<(), Halt> {
        self.flush().await;
        let Admitted { room, message, token, .. } = *self.admitted;
        let Some(open) = &mut self.open else {
            // It was not even read. Those that wait for it look when it leaves, so its end must be there.
            return Ok(self.shared.end(room, message, ending).await?);
        };
        ending.apply(&mut open.run);
        let entry = self.shared.store.set_run(room, message, token, &open.run, clock::now()).await?;
        self.shared.bus.publish(Publication::Entries(vec![entry.ok_or(Halt::Left)?]));
        Ok(())
    }
}

/// Waits for its turn to ask the model.
async fn place(shared: &Shared) -> Result<SemaphorePermit<'_>, Halt> {
    tokio::select! {
        biased;
        () = shared.draining.cancelled() => Err(Halt::Left),
        place = shared.places.acquire() => place.map_err(|_| Halt::Left),
    }
}

/// A run with its place and its texts.
struct Work<'a> {
    shared: &'a Shared,
    admitted: &'a Admitted,
    open: &'a mut Open,
    /// The calls of tools so far, and what they said.
    told: Vec<Turn>,
}

impl Work<'_> {
    async fn write(&mut self) -> Result<Ending, Halt> {
        let policy = &self.shared.policy;
        let (mut backoff, mut rounds) = (policy.backoff, 0);
        loop {
            // Thinking without text can't be continued, unless a tool was waited for.
            if self.told.is_empty() && self.has_no_text_yet() {
                self.begin_anew().await?;
            }
            let Some(request) = self.request().await? else {
                return Ok(self.failed_as("question_deleted", texts::runs::question_deleted()));
            };
            let error = match self.ask(request).await {
                Ok(stream) => match self.record(stream).await? {
                    End::Finished(finish) => return Ok(self.finished(finish)),
                    End::Calls(_) if rounds == policy.tool_rounds => {
                        return Ok(self.failed_as("tool_rounds", texts::runs::tool_rounds()));
                    }
                    End::Calls(round) => {
                        rounds += 1;
                        self.use_tools(round).await?;
                        continue;
                    }
                    End::Broken(error) => error,
                },
                Err(Error::ModelNotFound { .. }) if self.has_another_model() => {
                    self.take_default_model().await?;
                    continue;
                }
                Err(error) => return Ok(self.failed(&error)),
            };
            let Some(wait) = wait(&error, backoff, policy.longest_wait) else {
                return Ok(self.failed(&error));
            };
            self.told.clear();
            let Admitted { message, token, .. } = *self.admitted;
            let heals = self.shared.store.count_heal(message, token).await?.ok_or(Halt::Left)?;
            if heals > policy.heals {
                return Ok(self.failed(&error));
            }
            tracing::info!(%message, code = error.code(), heals, "the model's stream broke; the rest is asked for");
            backoff = (backoff * 2).min(policy.longest_wait);
            tokio::time::sleep(wait).await;
        }
    }

    /// Nothing is there that the chosen model would have to go on with.
    fn has_another_model(&self) -> bool {
        self.open.run.model != self.shared.default_model && self.open.text.stored() == (0, 0)
    }

    /// The chosen model is gone, and no list had said so.
    async fn take_default_model(&mut self) -> Result<(), Halt> {
        let run = &mut self.open.run;
        run.instead_of = Some(std::mem::replace(&mut run.model, self.shared.default_model.clone()));
        run.thinking = Thinking::Default;
        self.set_status(self.open.run.status).await
    }

    fn has_no_text_yet(&self) -> bool {
        let (text, thinking) = self.open.text.stored();
        text == 0 && (thinking > 0 || !self.open.run.steps.is_empty())
    }

    /// What the model is told next, and that it is.
    async fn use_tools(&mut self, round: Round) -> Result<(), Halt> {
        let (names, turns) = round.used();
        self.told.extend(turns);
        let Some(first) = names.first().cloned() else { return Ok(()) };
        let run = &mut self.open.run;
        run.tool = Some(first);
        run.steps.extend(names);
        run.steps.truncate(tools::MAX_STEPS);
        run.thinking_at.get_or_insert_with(clock::now);
        self.set_status(RunStatus::Tool).await
    }

    /// Gives up the thinking so far for new thinking under a higher attempt.
    async fn begin_anew(&mut self) -> Result<(), Halt> {
        let Admitted { room, message, token, .. } = *self.admitted;
        let run = &mut self.open.run;
        run.attempt += 1;
        (run.text_length, run.thinking_length) = (0, 0);
        run.steps.clear();
        if run.tool.take().is_some() {
            run.status = RunStatus::Thinking;
        }
        let entry = self.shared.store.begin_anew(room, message, token, run, clock::now()).await?;
        self.shared.bus.publish(Publication::Entries(vec![entry.ok_or(Halt::Left)?]));
        self.shared.bus.publish(Publication::StreamOpened {
            room,
            message,
            attempt: run.attempt,
            text: String::new(),
            thinking: String::new(),
        });
        self.open.text = RunText::new(room, message, token, (0, 0));
        Ok(())
    }

    /// Asks for what is missing after what is stored. `None`: what it was to answer is gone.
    async fn request(&self) -> Result<Option<Request>, Halt> {
        let Admitted { room, message, token, .. } = *self.admitted;
        let context = self.shared.store.context(room, message, token, context::LIMITS).await?;
        let context = context.ok_or(Halt::Left)?;
        if self.open.parent.is_some() && context.question.is_none() {
            return Ok(None);
        }
        let mut messages = context::turns(&context);
        let mut tools = tools::offered(self.shared.policy.searches_web);
        if !self.told.is_empty() {
            messages.extend(self.told.iter().cloned());
        } else if self.open.text.stored().0 > 0 {
            // It has begun to answer, and is to write on.
            tools.clear();
            let reply = self.shared.store.message(room, message).await?.ok_or(Halt::Left)?;
            let thinking = Some(reply.thinking).filter(|thinking| !thinking.is_empty());
            messages.push(Turn::partial(reply.text, thinking));
        }
        let (model, cache_key) = (self.open.run.model.clone(), Some(room.to_string()));
        let thinking = models::to_model(self.open.run.thinking);
        Ok(Some(Request { model, messages, cache_key, thinking, tools, ..Request::default() }))
    }

    /// Opens the model's stream, and tries again as long as the error's rule and the policy allow: nothing of this
    /// answer has come yet, so nothing can be doubled.
    async fn ask(&self, request: Request) -> Result<DeltaStream, Error> {
        let policy = &self.shared.policy;
        let mut backoff = policy.backoff;
        for _ in 1..policy.tries {
            let error = match self.shared.model.stream(request.clone()).await {
                Ok(stream) => return Ok(stream),
                Err(error) => error,
            };
            let Some(wait) = wait(&error, backoff, policy.longest_wait) else { return Err(error) };
            tracing::info!(message = %self.admitted.message, code = error.code(), ?wait, "the model is asked again");
            backoff = (backoff * 2).min(policy.longest_wait);
            tokio::time::sleep(wait).await;
        }
        self.shared.model.stream(request).await
    }

    async fn record(&mut self, mut stream: DeltaStream) -> Result<End, Halt> {
        let recorder = &self.shared.recorder;
        let (mut finish, mut round) = (None, Round::default());
        // What follows a tool begins a paragraph.
        let (text, thinking) = self.open.text.stored();
        let is_next = !self.told.is_empty();
        let (mut parts_text, mut parts_thinking) = (is_next && text > 0, is_next && thinking > 0);
        while let Some(delta) = stream.next().await {
            match delta {
                Ok(Delta::Thinking(piece)) => {
                    if matches!(self.open.run.status, RunStatus::Queued | RunStatus::Tool) {
                        self.open.run.thinking_at.get_or_insert_with(clock::now);
                        self.set_status(RunStatus::Thinking).await?;
                    }
                    if std::mem::take(&mut parts_thinking) {
                        recorder.push(&self.open.text, true, "\n\n").await?;
                    }
                    recorder.push(&self.open.text, true, &piece).await?;
                    round.thinking.push_str(&piece);
                }
                Ok(Delta::Text(piece)) => {
                    if self.open.run.status != RunStatus::Writing {
                        self.open.run.writing_at.get_or_insert_with(clock::now);
                        self.set_status(RunStatus::Writing).await?;
                    }
                    if std::mem::take(&mut parts_text) {
                        recorder.push(&self.open.text, false, "\n\n").await?;
                    }
                    recorder.push(&self.open.text, false, &piece).await?;
                    round.text.push_str(&piece);
                }
                Ok(Delta::Finish(reason)) => finish = Some(reason),
                Ok(Delta::Usage(usage)) => self.count(usage),
                Ok(Delta::ToolCall(call)) => round.push(call),
                // Only the last line is missing: the model had said why it stopped.
                Err(Error::Interrupted { finish: Some(reason), .. }) => finish = Some(reason),
                Err(error) => {
                    recorder.flush(&self.open.text).await?;
                    return Ok(End::Broken(error));
                }
            }
        }
        recorder.flush(&self.open.text).await?;
        let is_cut = matches!(finish, Some(FinishReason::Length | FinishReason::ContentFilter));
        if self.shared.policy.searches_web && round.has_calls() && !is_cut {
            return Ok(End::Calls(round));
        }
        Ok(End::Finished(finish))
    }

    /// Every call is paid for, also those that broke.
    fn count(&mut self, usage: kimi::Usage) {
        let total = self.open.run.usage.get_or_insert_with(Usage::default);
        total.prompt_tokens += usage.prompt_tokens;
        total.cached_tokens += usage.cached_tokens;
        total.completion_tokens += usage.completion_tokens;
        total.reasoning_tokens += usage.reasoning_tokens;
    }

    fn finished(&self, finish: Option<FinishReason>) -> Ending {
        let is_empty = self.open.text.stored().0 == 0;
        match finish {
            Some(FinishReason::ContentFilter) => {
                Ending::failed(RunStatus::Failed, "content_filtered", texts::runs::content_filtered())
            }
            Some(FinishReason::Length) if is_empty => {
                Ending::failed(RunStatus::Failed, "length", texts::runs::length())
            }
            Some(FinishReason::Length) => {
                Ending::failed(RunStatus::Interrupted, "length", texts::runs::length())
            }
            Some(FinishReason::ToolCalls) if is_empty => {
                Ending::failed(RunStatus::Failed, "no_tools", texts::runs::no_tools())
            }
            _ if is_empty => Ending::failed(RunStatus::Failed, "empty", texts::runs::empty()),
            _ => Ending::of(RunStatus::Done),
        }
    }

    fn failed(&self, error: &Error) -> Ending {
        tracing::warn!(code = error.code(), %error, "the model did not answer");
        self.failed_as(error.code(), error.user_message())
    }

    /// Text that is there is worth keeping and continuing.
    fn failed_as(&self, code: &str, message: &str) -> Ending {
        let is_empty = self.open.text.stored().0 == 0;
        let status = if is_empty { RunStatus::Failed } else { RunStatus::Interrupted };
        Ending::failed(status, code, message)
    }

    async fn set_status(&mut self, status: RunStatus) -> Result<(), Halt> {
        let Admitted { room, message, token, .. } = *self.admitted;
        let run = &mut self.open.run;
        run.status = status;
        run.tool.take_if(|_| status != RunStatus::Tool);
        (run.text_length, run.thinking_length) = self.open.text.stored();
        let entry = self.shared.store.set_run(room, message, token, run, clock::now()).await?;
        self.shared.bus.publish(Publication::Entries(vec![entry.ok_or(Halt::Left)?]));
        Ok(())
    }
}

/// How long to wait before the model is asked again; `None` when that would be of no use.
fn wait(error: &Error, backoff: Duration, longest: Duration) -> Option<Duration> {
    match error.retry() {
        Retry::Never => None,
        Retry::After(wait) => Some(wait).filter(|wait| *wait <= longest),
        Retry::Backoff => Some(jittered(backoff)),
    }
}

/// Full jitter, so that the runs of a busy minute do not come back together.
fn jittered(longest: Duration) -> Duration {
    let random = getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX));
    longest.mul_f64(random)
}
