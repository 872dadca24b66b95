//! Media types and codings of files; the rest is tested over real HTTP.

use actix_web::test::TestRequest;
use stoa_core::Code;

use super::*;

fn read(headers: &[(&str, &str)]) -> Result<(String, Packing)> {
    let request = headers.iter().fold(TestRequest::default(), |request, header| request.append_header(*header));
    let request = request.to_http_request();
    let media = media(&request)?;
    let packing = packing(&request, &media)?;
    Ok((media, packing))
}

#[test]
fn a_file_is_csv_or_part_of_a_form() {
    let form = ("content-type", "multipart/form-data; boundary=x");
    assert_eq!(read(&[form]).unwrap(), (FORM_MEDIA.to_owned(), Packing::Unsaid));
    assert_eq!(read(&[("content-type", "Text/CSV; charset=utf-8")]).unwrap().1, Packing::Unsaid);
    assert_eq!(read(&[("content-type", "text/csv"), ("content-encoding", "gzip")]).unwrap().1, Packing::Gzip);
    let refused: [&[(&str, &str)]; 6] = [
        &[],
        &[("content-type", "application/json")],
        &[("content-type", "text/csv"), ("content-type", "text/csv")],
        &[("content-type", "text/csv"), ("content-encoding", "br")],
        &[("content-type", "text/csv"), ("content-encoding", "gzip"), ("content-encoding", "gzip")],
        &[form, ("content-encoding", "gzip")],
    ];
    for headers in refused {
        assert_eq!(read(headers).unwrap_err().code(), Code::UnsupportedMediaType, "{headers:?}");
    }
}

/// Gathers what it is given, and the largest piece of it.
#[derive(Default)]
struct Heap {
    bytes: Vec<u8>,
    largest: usize,
}

impl Sink for Heap {
    async fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.largest = self.largest.max(bytes.len());
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

const BOUNDS: UploadBounds = UploadBounds {
    sent_bytes_max: 1 << 20,
    unpacked_bytes_max: 64 << 20,
    unpack_ratio_max: 100,
    pause: Duration::from_secs(5),
    whole: Duration::from_secs(5),
};

fn packed(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// What comes out, or the word of the fault.
fn unpacked(said: Packing, sent: &[u8], piece: usize) -> (Heap, Option<&'static str>) {
    let (mut unpacking, mut heap) = (Unpacking::new(said, &BOUNDS), Heap::default());
    let run = async {
        for piece in sent.chunks(piece) {
            unpacking.feed(piece, &mut heap).await?;
        }
        unpacking.end(&mut heap).await
    };
    let error = futures::executor::block_on(run).err();
    let word = error.map(|error| error.fields().first().map_or(error.code().as_str(), |fault| fault.code));
    (heap, word)
}

#[test]
fn packed_or_not_the_same_comes_out() {
    let text = "email,name\na@b.c,Ann\n".repeat(500);
    let two = [packed(&text.as_bytes()[..99]), packed(&text.as_bytes()[99..])].concat();
    for piece in [1, 7, 100_000] {
        for sent in [text.clone().into_bytes(), packed(text.as_bytes()), two.clone()] {
            let (heap, word) = unpacked(Packing::Unsaid, &sent, piece);
            assert_eq!((word, heap.bytes == text.as_bytes()), (None, true));
        }
    }
    for tiny in ["", "a", "ab"] {
        assert_eq!(unpacked(Packing::Unsaid, tiny.as_bytes(), 1).0.bytes, tiny.as_bytes());
    }
}

#[test]
fn what_is_not_whole_is_refused() {
    let whole = packed("email,name\na@b.c,Ann\n".repeat(50).as_bytes());
    for cut in 2..whole.len() {
        let word = unpacked(Packing::Unsaid, &whole[..cut], 64).1;
        // Without its checksum a file cannot be told from one with a wrong one.
        let wanted = if cut < whole.len() - 8 { "gzip_truncated" } else { "gzip_damaged" };
        assert_eq!(word, Some(wanted), "cut at {cut} of {}", whole.len());
    }
    let mut damaged = whole.clone();
    let last = damaged.len() - 6;
    damaged[last] ^= 1;
    assert_eq!(unpacked(Packing::Unsaid, &damaged, 64).1, Some("gzip_damaged"));
    assert_eq!(unpacked(Packing::Unsaid, &[&whole[..], b"and something more"].concat(), 64).1, Some("gzip_damaged"));
    assert_eq!(unpacked(Packing::Gzip, b"email,name\n", 64).1, Some("gzip_damaged"));
}

#[test]
fn a_bomb_does_not_go_off() {
    let bomb = packed(&vec![b'x'; 200 << 20]);
    let (heap, word) = unpacked(Packing::Unsaid, &bomb, 1 << 20);
    assert_eq!(word, Some("unpack_ratio"));
    assert!(heap.bytes.len() < 3 << 20 && heap.largest < 2 << 20, "{} {}", heap.bytes.len(), heap.largest);
}
