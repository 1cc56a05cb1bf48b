//! Runs a future with tokio's clock stopped, so that no test waits for a time limit.
//!
//! Tokio moves a stopped clock itself when nothing is left to do, but it does not know that the
//! listener is still writing. So the clock moves here: in small steps, and only while the listener
//! has nothing to do.

use std::future::Future;
use std::sync::mpsc;
use std::time::Duration;

use super::listener::ScriptedListener;

/// How far the clock moves at once. The listener must read a request before its time is over.
const STEP: Duration = Duration::from_millis(200);

/// Runs a future until it is ready.
pub(crate) fn run_without_waiting<F: Future>(listener: &ScriptedListener, future: F) -> F::Output {
    run_in_steps(STEP, listener, future)
}

/// Does the same with larger steps, for hours without short time limits.
pub(crate) fn run_in_steps<F: Future>(
    step: Duration,
    listener: &ScriptedListener,
    future: F,
) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let (end_ticks, ticks_end) = mpsc::channel::<()>();
    let (tick, mut ticks) = tokio::sync::mpsc::channel(1);
    runtime.block_on(async {
        // While a blocking task runs, tokio does not move the clock.
        let ticker = tokio::task::spawn_blocking(move || {
            // The listener's threads need the processor between two steps.
            while ticks_end.recv_timeout(Duration::from_millis(1))
                == Err(mpsc::RecvTimeoutError::Timeout)
            {
                let _ = tick.try_send(());
            }
        });
        let clock = async {
            while ticks.recv().await.is_some() {
                if listener.is_idle() {
                    tokio::time::advance(step).await;
                }
            }
        };
        let output =
            match futures_util::future::select(std::pin::pin!(future), std::pin::pin!(clock)).await
            {
                futures_util::future::Either::Left((output, _)) => output,
                futures_util::future::Either::Right(_) => {
                    unreachable!("the ticks end after the future")
                }
            };
        drop(end_ticks);
        ticker.await.unwrap();
        output
    })
}
