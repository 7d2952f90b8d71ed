//! (room being built)

/// Prints a result.
#[expect(clippy::print_stdout, reason = "a command's result")]
pub fn print(text: &str) {
    println!("{text}");
}
