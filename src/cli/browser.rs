//! Opens the user's browser.

use std::process::{Command, Stdio};

/// Opens an address in the user's browser. Returns false if no program for that could be started.
pub(super) fn open_browser(url: &str) -> bool {
    let programs: &[(&str, &[&str])] = if cfg!(target_os = "macos") {
        &[("open", &[])]
    } else if cfg!(windows) {
        &[("rundll32", &["url.dll,FileProtocolHandler"])]
    } else {
        &[("xdg-open", &[]), ("wslview", &[])]
    };
    programs.iter().any(|(program, arguments)| {
        let mut command = Command::new(program);
        command.args(*arguments).arg(url);
        // Otherwise the browser would print its messages into the terminal.
        for stream in [Command::stdin, Command::stdout, Command::stderr] {
            stream(&mut command, Stdio::null());
        }
        command.spawn().is_ok()
    })
}
