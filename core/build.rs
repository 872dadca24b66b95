//! Tells Cargo that the migrations are part of the crate, new folders included.

#[expect(clippy::print_stdout, reason = "this is how a build script speaks")]
fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
