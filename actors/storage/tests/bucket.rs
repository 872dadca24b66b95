//! Files in a bucket, of an S3 service by other people that checks signatures.

use super::{
    server::{ACCESS_KEY, BUCKET, SECRET_KEY, Server},
    *,
};

fn options(server: &Server) -> S3Options {
    S3Options {
        bucket: BUCKET.to_owned(),
        endpoint: Some(server.endpoint().parse().unwrap()),
        region: "us-east-1".to_owned(),
        credentials: Some((ACCESS_KEY.to_owned(), SECRET_KEY.to_owned())),
        allow_http: true,
        path_style: true,
        prefix: "stoa/test".to_owned(),
    }
}

fn open(options: S3Options) -> Storage {
    Storage::open(&StorageOptions::S3(options)).unwrap()
}

#[tokio::test]
async fn a_bucket_keeps_files_below_its_prefix() {
    let server = Server::start();
    a_place_for_files(&open(options(&server))).await;
    let ours = format!("{BUCKET}/stoa/test/institutions/");
    let kept = server.files();
    assert!(!kept.is_empty() && kept.iter().all(|file| file.starts_with(&ours)), "{kept:?}");
}

#[tokio::test]
async fn a_bucket_shows_no_torso_and_keeps_no_part_of_one() {
    let server = Server::start();
    let storage = open(options(&server));
    a_torso_is_never_seen(&storage, || server.files().is_empty()).await;
}

#[tokio::test]
async fn two_prefixes_of_a_bucket_know_nothing_of_each_other() {
    let server = Server::start();
    let (one, other) = (open(options(&server)), open(S3Options { prefix: String::new(), ..options(&server) }));
    one.put_whole(&key(1, 1), bytes(10)).await.unwrap();
    assert_eq!(other.head(&key(1, 1)).await.unwrap(), None);
    assert_eq!(other.list_all().try_collect::<Vec<_>>().await.unwrap(), []);
    assert_eq!(one.list_all().try_collect::<Vec<_>>().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_wrong_secret_and_a_wrong_key_are_told_to_the_operator_alone() {
    let server = Server::start();
    let wrong = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
    let cases = [
        (S3Options { credentials: wrong(ACCESS_KEY, "another"), ..options(&server) }, "SignatureDoesNotMatch"),
        (S3Options { credentials: wrong("nobody", SECRET_KEY), ..options(&server) }, "NotSignedUp"),
    ];
    for (options, said) in cases {
        let error = open(options).prove(&Ids::new(), DateTime::UNIX_EPOCH).await.unwrap_err();
        assert_eq!(error.code(), Code::UpstreamUnavailable);
        assert!(error.to_string().contains(said), "{said}: {error}");
        assert!(!error.outside().contains(said) && !error.to_string().contains("another"), "{error}");
    }
}

#[tokio::test]
async fn a_bucket_that_is_gone_is_an_outage_and_one_that_is_back_goes_on() {
    let mut server = Server::start();
    let storage = open(options(&server));
    storage.put_whole(&key(1, 1), bytes(10)).await.unwrap();
    server.stop();
    let error = storage.head(&key(1, 1)).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable);
    assert!(error.retry_after().is_some());
    server.start_again();
    assert_eq!(read(&storage, &key(1, 1), None).await.unwrap(), bytes(10));
}

#[tokio::test]
async fn an_upload_outlives_a_short_outage() {
    let mut server = Server::start();
    let storage = open(options(&server));
    let whole = bytes(3 * PART_BYTES);
    let mut upload = storage.put(&key(1, 1));
    upload.write(whole.slice(..=PART_BYTES)).await.unwrap();
    server.stop();
    let (wrote, ()) = tokio::join!(
        async {
            upload.write(whole.slice(PART_BYTES + 1..)).await?;
            upload.finish().await
        },
        async {
            // Long enough to be refused once, and by far not until the last try.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            server.start_again();
        }
    );
    wrote.unwrap();
    assert!(read(&storage, &key(1, 1), None).await.unwrap() == whole);
}

#[tokio::test]
async fn a_signed_address_fetches_one_file_under_its_name_and_no_other() {
    let server = Server::start();
    let storage = open(options(&server));
    storage.put_whole(&key(1, 1), bytes(1000)).await.unwrap();
    storage.put_whole(&key(1, 2), bytes(10)).await.unwrap();
    let named = "attachment; filename=\"a b+c.csv\"; filename*=UTF-8''%ED%95%99.csv";
    let url = storage.signed_url(&key(1, 1), named, Duration::from_mins(5)).await.unwrap().unwrap();
    let (head, body) = fetch(&url).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains(named), "{head}");
    assert_eq!(body, bytes(1000));
    let other: Url = url.as_str().replace("00000001.csv", "00000002.csv").parse().unwrap();
    assert_ne!(other, url);
    let longer: Url = url.as_str().replace("X-Amz-Expires=300", "X-Amz-Expires=400").parse().unwrap();
    for forged in [other, longer] {
        let (head, _) = fetch(&forged).await;
        assert!(head.starts_with("HTTP/1.1 40"), "{head}");
    }
}

/// What a browser does, in a few lines.
async fn fetch(url: &Url) -> (String, Vec<u8>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
    let request =
        format!("GET {}?{} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n", url.path(), url.query().unwrap());
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
}
