//! Measures how long each stage takes: elapsed time, and processor time of all threads.

use std::time::{Duration, Instant};

/// The stages of a run so far, in order.
#[derive(Debug, Default, Clone)]
pub struct Timings {
    stages: Vec<StageTiming>,
    /// Called with the name of each stage when it begins.
    on_stage: Option<fn(&'static str)>,
}

/// The time that one stage took.
#[derive(Debug, Clone)]
pub struct StageTiming {
    /// Its name.
    pub name: &'static str,
    /// Elapsed time.
    pub wall: Duration,
    /// Processor time of all threads; `None` if the system does not report it.
    pub cpu: Option<Duration>,
}

impl Timings {
    /// Creates timings that tell when a stage begins.
    pub(super) fn with_observer(on_stage: fn(&'static str)) -> Self {
        Self {
            on_stage: Some(on_stage),
            ..Self::default()
        }
    }

    /// Runs a stage and records how long it took.
    pub(crate) fn run_stage<T>(&mut self, name: &'static str, run: impl FnOnce() -> T) -> T {
        if let Some(on_stage) = self.on_stage {
            on_stage(name);
        }
        let (start, cpu_start) = (Instant::now(), cpu_time());
        let result = run();
        let cpu = cpu_time().zip(cpu_start);
        self.stages.push(StageTiming {
            name,
            wall: start.elapsed(),
            cpu: cpu.map(|(end, start)| end.saturating_sub(start)),
        });
        result
    }

    /// Returns the stages in order.
    pub fn stages(&self) -> &[StageTiming] {
        &self.stages
    }

    /// Returns the sum of all stages.
    pub fn total(&self) -> StageTiming {
        StageTiming {
            name: "total",
            wall: self.stages.iter().map(|stage| stage.wall).sum(),
            cpu: self.stages.iter().map(|stage| stage.cpu).sum(),
        }
    }
}

/// Returns the processor time that this process has used, user and system.
#[cfg(unix)]
fn cpu_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).ok()?;
    let nanoseconds = u32::try_from(time.tv_nsec).ok()?;
    Some(Duration::new(seconds, nanoseconds))
}

#[cfg(not(unix))]
fn cpu_time() -> Option<Duration> {
    None
}
