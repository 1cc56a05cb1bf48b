//! The `pressrun` program: arguments in, exit code out.

use std::process::ExitCode;

/// All threads allocate many short-lived objects, which mimalloc handles faster than the default.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pressrun::cli::run_command_line()
}
