//! With a real PostgreSQL, in folders of the target folder; as whoever runs the tests.

use std::{fs, path::PathBuf, time::Duration};

use tokio_postgres::NoTls;

use super::*;
use crate::cluster::postmaster::Postmaster;

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn fresh() -> Self {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/clusters/{:08x}", rand::random::<u32>()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Without durability, which only costs time here.
    fn start(&self) -> anyhow::Result<Cluster> {
        let how = process::Settings { connections: 10, durable: false };
        Cluster::run(self.settle()?, None, how, None)
    }

    fn settle(&self) -> anyhow::Result<place::Place> {
        place::Place::settle(&self.0, &std::env::temp_dir().join("stoa-clusters"))
    }

    fn data(&self) -> PathBuf {
        place::existing_home(&self.0).unwrap().join("data")
    }

    fn postmaster(&self) -> Postmaster {
        Postmaster::read(&self.data()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        place::remove(&self.0);
    }
}

/// Asks a question of one text, until PostgreSQL answers.
fn ask(cluster: &Cluster, question: &str) -> String {
    let once = async {
        let (client, connection) = tokio_postgres::connect(&cluster.url(DATABASE), NoTls).await?;
        let talk = async { client.query_one(question, &[]).await.map(|row| row.get(0)) };
        tokio::select! { said = talk => said, error = connection => Err(error.unwrap_err()) }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(once).unwrap_or_else(|error: tokio_postgres::Error| panic!("{question}: {error}"))
}

fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..3000 {
        if let Some(found) = look() {
            return found;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    panic!("did not happen within 30 s");
}

#[test]
fn a_cluster_is_made_durable_and_kept() {
    let folder = Folder::fresh();
    let options = ClusterOptions { dir: folder.0.clone(), binaries_dir: None, connections: 10 };
    let cluster = Cluster::start(&options).unwrap();
    let durable = "SELECT concat_ws(' ', current_setting('fsync'), current_setting('synchronous_commit'),
                          current_setting('full_page_writes'), current_setting('data_checksums'))";
    assert_eq!(ask(&cluster, durable), "on on on on");
    assert_eq!(ask(&cluster, "SELECT current_setting('listen_addresses')"), "");
    ask(&cluster, "SELECT lo_create(4711)::text");
    drop(cluster);
    assert!(fs::metadata(folder.0.join("postgres.log")).unwrap().len() > 0);
    let again = Cluster::start(&options).unwrap();
    assert_eq!(ask(&again, "SELECT count(*)::text FROM pg_largeobject_metadata WHERE oid = 4711"), "1");
}

#[test]
fn a_second_server_is_refused_and_the_first_goes_on() {
    let folder = Folder::fresh();
    let cluster = folder.start().unwrap();
    let said = folder.start().unwrap_err().to_string();
    assert!(said.contains("another server is using"), "{said}");
    assert_eq!(ask(&cluster, "SELECT 'here'"), "here");
}

#[test]
fn a_killed_postgres_is_started_again() {
    let folder = Folder::fresh();
    let cluster = folder.start().unwrap();
    let killed = folder.postmaster().pid;
    process::send(killed, libc::SIGKILL);
    until(|| {
        let data = folder.data();
        Postmaster::read(&data).filter(|file| file.ready && file.pid != killed)
    });
    assert_eq!(ask(&cluster, "SELECT 'again'"), "again");
}

#[test]
fn a_crashed_cluster_with_a_foreign_pid_starts() {
    let folder = Folder::fresh();
    drop(folder.start().unwrap());
    let data = folder.data();
    // After a reboot the number in a file left behind may be anybody's.
    fs::write(data.join("postmaster.pid"), format!("{}\n{}\n", std::process::id(), data.display())).unwrap();
    let cluster = folder.start().unwrap();
    assert_eq!(ask(&cluster, "SELECT 'here'"), "here");
}

#[test]
fn another_major_version_is_named() {
    let folder = Folder::fresh();
    drop(folder.start().unwrap());
    let data = folder.data();
    fs::write(data.join("PG_VERSION"), "9\n").unwrap();
    let said = folder.start().unwrap_err().to_string();
    assert!(said.contains("made by PostgreSQL 9"), "{said}");
}

#[test]
fn half_a_cluster_is_made_anew() {
    let folder = Folder::fresh();
    let place = folder.settle().unwrap();
    fs::create_dir_all(place.home().join("data.new/base")).unwrap();
    drop(place);
    let cluster = folder.start().unwrap();
    assert_eq!(ask(&cluster, "SELECT current_database()::text"), DATABASE);
}

#[test]
fn a_long_path_has_a_short_socket() {
    let folder = Folder::fresh();
    let long = folder.0.join("x".repeat(100));
    let cluster = Cluster::temporary(&long).unwrap();
    assert!(cluster.socket_dir().as_os_str().len() < 80);
    assert_eq!(ask(&cluster, "SELECT current_setting('fsync')"), "off");
    let left = [cluster.throw_away.clone().unwrap(), cluster.socket_dir().to_owned()];
    drop(cluster);
    assert!(left.iter().all(|folder| !folder.exists()), "{left:?}");
}
