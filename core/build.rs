//! Tells Cargo that the migrations are part of the crate, new folders included.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
