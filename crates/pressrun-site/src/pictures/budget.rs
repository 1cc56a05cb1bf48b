//! Bounds the memory of pictures that are decoded at the same time.

use std::sync::{Condvar, Mutex, PoisonError};

/// An amount of memory that threads share.
pub(super) struct MemoryBudget {
    free: Mutex<u64>,
    whole: u64,
    returned: Condvar,
}

impl MemoryBudget {
    pub(super) fn new(bytes: u64) -> Self {
        Self {
            free: Mutex::new(bytes),
            whole: bytes,
            returned: Condvar::new(),
        }
    }

    /// Runs a task that needs this many bytes, once they are free. A task that needs more than
    /// everything runs alone.
    pub(super) fn run<T>(&self, bytes: u64, task: impl FnOnce() -> T) -> T {
        let bytes = bytes.min(self.whole);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < bytes {
            free = self
                .returned
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *free -= bytes;
        drop(free);
        // Also returned if the task panics.
        let _taken = TakenBytes {
            budget: self,
            bytes,
        };
        task()
    }
}

struct TakenBytes<'b> {
    budget: &'b MemoryBudget,
    bytes: u64,
}

impl Drop for TakenBytes<'_> {
    fn drop(&mut self) {
        let free = self.budget.free.lock();
        *free.unwrap_or_else(PoisonError::into_inner) += self.bytes;
        self.budget.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn tasks_share_the_memory_and_a_large_one_runs_alone() {
        let budget = MemoryBudget::new(10);
        let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for bytes in [4, 5, 6, 20, 3, 4, 5] {
                let (budget, now, most) = (&budget, &now, &most);
                scope.spawn(move || {
                    budget.run(bytes, || {
                        let used = now.fetch_add(bytes.min(10), Ordering::SeqCst) + bytes.min(10);
                        most.fetch_max(used, Ordering::SeqCst);
                        now.fetch_sub(bytes.min(10), Ordering::SeqCst);
                    });
                });
            }
        });
        assert!(most.into_inner() <= 10);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            budget.run(10, || panic!("a bug"));
        }));
        assert!(result.is_err());
        assert_eq!(budget.run(10, || 1), 1);
    }
}
