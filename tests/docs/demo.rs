//! `stoa demo`, as the README names it.

use std::process::Output;

use super::server::Server;

#[test]
fn the_demo_ends_well_also_twice_at_once() {
    let server = Server::start("demo");
    std::thread::scope(|both| {
        let runs = [(); 2].map(|()| both.spawn(|| play(&server, &[])));
        for run in runs {
            let (told, output) = run.join().expect("a run");
            assert!(output.status.success(), "{told}");
            assert!(told.contains("Everything that had to arrive arrived, and every signature verifies."), "{told}");
            for line in ["16 accepted, 3 duplicate, 1 rejected in 9 requests", "1 refused", "retries         1\n"] {
                assert!(told.contains(line), "no {line:?} in\n{told}");
            }
        }
    });
}

#[test]
fn a_demo_that_cannot_be_played_says_why_and_fails() {
    let server = Server::start("demo-refused");
    let cases = [
        (vec!["--token", "stoa_i_nonsense"], "401 unauthenticated"),
        (vec!["--address", "http://127.0.0.1:1"], "is the server running?"),
    ];
    for (arguments, reason) in cases {
        let (told, output) = play(&server, &arguments);
        assert!(!output.status.success() && told.contains(reason), "{told}");
    }
}

fn play(server: &Server, more: &[&str]) -> (String, Output) {
    let output = server.stoa().arg("demo").args(more).output().expect("stoa demo");
    let told = [&output.stdout[..], &output.stderr[..]].concat();
    (String::from_utf8_lossy(&told).into_owned(), output)
}
