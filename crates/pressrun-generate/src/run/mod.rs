//! Asks for all topics: the loop.
//!
//! One thread. Each topic is a conversation that needs one request or several; the requests of
//! different topics are open at the same time. Everything that a request brings is in the journal
//! before it is acted on, so that a run can end at any moment and the next one goes on.
//!
//! Not here: which topics are asked (`selection`), how one is judged (`site_judge`), what is printed (the
//! program).

mod body;
mod conversation;
mod decide;
mod outcome;
mod record;
mod work;

use std::future::{Future, pending};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::select;
use pressrun_posts::diagnostic::Diagnostic;
use pressrun_site::config::generate::GenerateConfig;
use pressrun_site::render::CommandFailure;

use crate::budget::Budget;
use crate::client::Client;
use crate::journal::{Journal, RequestPurpose};
use crate::prompt::Prompt;
use crate::topic::Topic;
use work::RunLoop;

pub use outcome::{RunOutcome, StopKind, StopReason};

pub use crate::judge::Judgement;
pub use crate::repair::HeaderRequest;
pub use crate::site_judge::ReplyJudge;

/// Everything that a run works with.
pub struct RunParts<'a> {
    /// How the model is asked.
    pub config: &'a GenerateConfig,
    /// Where requests go.
    pub client: &'a Client,
    /// Where everything is kept.
    pub journal: &'a mut Journal,
    /// Who judges replies.
    pub judge: &'a mut dyn ReplyJudge,
    /// Makes the prompt of a topic.
    pub render: &'a dyn Fn(&Topic) -> Result<Prompt, Diagnostic>,
    /// Is told what happens.
    pub on_event: &'a mut dyn FnMut(&RunEvent<'_>),
    /// What may be spent.
    pub budget: Budget,
    /// How long requests may be started.
    pub max_time: Option<Duration>,
}

/// A topic of a run.
#[derive(Debug, Clone)]
pub struct RunTopic {
    /// The topic.
    pub topic: Topic,
    /// Whether the journal holds a text that is not judged yet.
    pub has_text: bool,
}

/// What happens in a run.
#[derive(Debug)]
pub enum RunEvent<'a> {
    /// A request is sent.
    Sent {
        /// The topic.
        topic: &'a Topic,
        /// What is asked for.
        purpose: RequestPurpose,
    },
    /// A request failed.
    Failed {
        /// The topic.
        topic: &'a Topic,
        /// What went wrong.
        message: &'a str,
        /// Whether it is sent again.
        will_retry: bool,
    },
    /// No request is sent for some time.
    Waiting {
        /// How long.
        time: Duration,
    },
    /// The topic is not asked, because a post covers it.
    Covered {
        /// The topic.
        topic: &'a Topic,
        /// The post.
        other: &'a str,
    },
    /// A reply was judged.
    Judged {
        /// The topic.
        topic: &'a Topic,
        /// The judgement.
        judgement: &'a Judgement,
    },
}

/// Asks for topics until all are judged or the run must stop. Ctrl-C stops it.
pub fn run_topics(
    parts: RunParts<'_>,
    topics: Vec<RunTopic>,
) -> Result<RunOutcome, CommandFailure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            let path = parts.journal.path().to_owned();
            pressrun_site::error::SystemError::new("start the requests for", &path, error)
        })?;
    runtime.block_on(ask_topics(parts, topics, wait_for_interrupt()))
}

/// The same within a runtime, until `interrupt` is ready.
pub async fn ask_topics(
    parts: RunParts<'_>,
    topics: Vec<RunTopic>,
    interrupt: impl Future<Output = ()>,
) -> Result<RunOutcome, CommandFailure> {
    RunLoop::new(parts, topics).work(pin!(interrupt)).await
}

/// Waits until the user or the system ends the program.
async fn wait_for_interrupt() {
    let by_user = pin!(async {
        // Without a handler nothing would ever come, so the default stays.
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    });
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let by_system = pin!(async {
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => pending().await,
            }
        });
        select(by_user, by_system).await;
    }
    #[cfg(not(unix))]
    by_user.await;
}

#[cfg(test)]
mod tests;
