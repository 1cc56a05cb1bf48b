//! Undoes the compression of pages.
//!
//! A page says how large it is without compression. No codec may write more, and none takes memory
//! for what is not there: the decoders of the `parquet` crate do both.

use std::io::{self, Read};

use parquet::basic::Compression;

/// How pages of a column are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageCodec {
    Plain,
    Snappy,
    Gzip,
    Brotli,
    Zstd,
    Lz4,
    /// The LZ4 of Hadoop, with frames of its own.
    Lz4Hadoop,
}

/// What a byte can become at most: a copy of 64 bytes takes 3 bytes in Snappy, and in LZ4 each byte
/// of a length stands for 255.
const MOST_SNAPPY: usize = 32;
const MOST_LZ4: usize = 256;

impl PageCodec {
    /// Returns the codec of a column, or the name of one that is not read.
    pub(crate) fn from_compression(compression: Compression) -> Result<Self, &'static str> {
        Ok(match compression {
            Compression::UNCOMPRESSED => Self::Plain,
            Compression::SNAPPY => Self::Snappy,
            Compression::GZIP(_) => Self::Gzip,
            Compression::BROTLI(_) => Self::Brotli,
            Compression::ZSTD(_) => Self::Zstd,
            Compression::LZ4_RAW => Self::Lz4,
            Compression::LZ4 => Self::Lz4Hadoop,
            Compression::LZO => return Err("LZO"),
        })
    }

    /// Returns what was compressed, which has `size` bytes.
    pub(crate) fn decompress(self, stored: &[u8], size: usize) -> io::Result<Vec<u8>> {
        // What a decoder stumbles over helps nobody, and differs with its version.
        let page = self.decompress_any(stored, size);
        let page = page.map_err(|_| io::Error::other("a page cannot be decompressed"))?;
        if page.len() == size {
            Ok(page)
        } else {
            Err(wrong_size())
        }
    }

    fn decompress_any(self, stored: &[u8], size: usize) -> io::Result<Vec<u8>> {
        Ok(match self {
            Self::Plain => stored.to_vec(),
            Self::Snappy => decompress_snappy(stored, size)?,
            Self::Gzip => read_up_to(flate2::read::MultiGzDecoder::new(stored), stored, size)?,
            Self::Brotli => {
                let decoder = brotli_decompressor::Decompressor::new(stored, 4096);
                read_up_to(decoder, stored, size)?
            }
            Self::Zstd => decompress_zstd(stored, size)?,
            Self::Lz4 => decompress_lz4(stored, size)?,
            Self::Lz4Hadoop => match decompress_hadoop(stored, size) {
                Some(page) => page,
                // Some writers wrote plain LZ4 under this name.
                None => decompress_lz4(stored, size)?,
            },
        })
    }
}

fn wrong_size() -> io::Error {
    io::Error::other("a page has another size than its header says")
}

/// Reads at most one byte more than `size`, so that a longer page shows. Memory grows with what is
/// read.
fn read_up_to(decoder: impl Read, stored: &[u8], size: usize) -> io::Result<Vec<u8>> {
    let mut page = Vec::with_capacity(size.min(stored.len().saturating_mul(8)));
    decoder.take(size as u64 + 1).read_to_end(&mut page)?;
    Ok(page)
}

fn decompress_zstd(mut stored: &[u8], size: usize) -> io::Result<Vec<u8>> {
    let mut page = Vec::with_capacity(size.min(stored.len().saturating_mul(8)));
    // A page may be several frames.
    while !stored.is_empty() && page.len() <= size {
        let left = size - page.len();
        let decoder = ruzstd::decoding::StreamingDecoder::new(&mut stored)
            .map_err(|error| io::Error::other(error.to_string()))?;
        decoder.take(left as u64 + 1).read_to_end(&mut page)?;
    }
    Ok(page)
}

fn decompress_snappy(stored: &[u8], size: usize) -> io::Result<Vec<u8>> {
    let claimed = snap::raw::decompress_len(stored)?;
    if claimed != size || size > stored.len().saturating_mul(MOST_SNAPPY) {
        return Err(wrong_size());
    }
    Ok(snap::raw::Decoder::new().decompress_vec(stored)?)
}

fn decompress_lz4(stored: &[u8], size: usize) -> io::Result<Vec<u8>> {
    if size > stored.len().saturating_mul(MOST_LZ4) {
        return Err(wrong_size());
    }
    lz4_flex::block::decompress(stored, size).map_err(io::Error::other)
}

/// Undoes the LZ4 of Hadoop: blocks, each with its size without and with compression in front.
fn decompress_hadoop(mut stored: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut page = Vec::new();
    while let Some((head, rest)) = stored.split_first_chunk::<8>() {
        let sizes = u64::from_be_bytes(*head);
        let whole = (sizes >> 32) as usize;
        let block = rest.get(..(sizes & 0xFFFF_FFFF) as usize)?;
        if whole > size - page.len() {
            return None;
        }
        page.extend(decompress_lz4(block, whole).ok()?);
        stored = &rest[block.len()..];
    }
    (stored.is_empty() && page.len() == size).then_some(page)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Checks that a codec returns the text, and nothing if the size is another.
    #[track_caller]
    fn check(codec: PageCodec, stored: &[u8], text: &[u8]) {
        assert_eq!(codec.decompress(stored, text.len()).unwrap(), text);
        for size in [0, text.len() - 1, text.len() + 1, 1 << 40] {
            assert!(codec.decompress(stored, size).is_err(), "{size}");
        }
        for cut in 0..stored.len() {
            assert!(codec.decompress(&stored[..cut], text.len()).is_err());
        }
    }

    #[test]
    fn page_must_have_the_size_of_its_header() {
        let text = b"tea, tea, tea and water ".repeat(20);
        check(PageCodec::Plain, &text, &text);
        let snappy = snap::raw::Encoder::new().compress_vec(&text).unwrap();
        check(PageCodec::Snappy, &snappy, &text);
        let lz4 = lz4_flex::block::compress(&text);
        check(PageCodec::Lz4, &lz4, &text);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text).unwrap();
        check(PageCodec::Gzip, &gzip.finish().unwrap(), &text);
    }

    #[test]
    fn blocks_of_hadoop_are_joined() {
        let mut stored = Vec::new();
        for text in [b"tea and ".repeat(9), b"water".to_vec()] {
            let block = lz4_flex::block::compress(&text);
            stored.extend((text.len() as u32).to_be_bytes());
            stored.extend((block.len() as u32).to_be_bytes());
            stored.extend(block);
        }
        let text = [b"tea and ".repeat(9), b"water".to_vec()].concat();
        check(PageCodec::Lz4Hadoop, &stored, &text);
        let plain = lz4_flex::block::compress(&text);
        assert_eq!(
            PageCodec::Lz4Hadoop.decompress(&plain, text.len()).unwrap(),
            text
        );
    }

    #[test]
    fn bomb_stops_at_the_size_of_its_header() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..64 {
            gzip.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let stored = gzip.finish().unwrap();
        assert!(PageCodec::Gzip.decompress(&stored, 1000).is_err());
    }
}
