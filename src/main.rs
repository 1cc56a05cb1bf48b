//! The `pressrun` program: arguments in, exit code out.

use std::process::ExitCode;

/// Parsing and rendering allocate much and briefly, on all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pressrun::cli::run()
}
