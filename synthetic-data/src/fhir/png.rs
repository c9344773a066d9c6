//! PNG (ISO/IEC 15948) of few colours, without compression: a picture here is so small that the same bytes for
//! ever are worth more than fewer.

/// A square picture: a number below 16 for each dot, its colours, and how many dots a metre has.
pub(super) fn write(side: u32, dots: &[u8], colours: &[[u8; 3]], dots_a_metre: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&side.to_be_bytes());
    header.extend_from_slice(&side.to_be_bytes());
    // Four bits a dot, by palette; the one method of compression and of filters; not interlaced.
    header.extend_from_slice(&[4, 3, 0, 0, 0]);
    chunk(&mut png, *b"IHDR", &header);
    chunk(&mut png, *b"PLTE", colours.as_flattened());
    let mut size = dots_a_metre.to_be_bytes().repeat(2);
    size.push(1);
    chunk(&mut png, *b"pHYs", &size);
    chunk(&mut png, *b"IDAT", &stored(&rows(side, dots)));
    chunk(&mut png, *b"IEND", &[]);
    png
}

/// Each row after its filter, which is none; two dots a byte.
fn rows(side: u32, dots: &[u8]) -> Vec<u8> {
    let side = usize::try_from(side).unwrap_or(1).max(1);
    let mut rows = Vec::with_capacity(dots.len() / 2 + side);
    for row in dots.chunks(side) {
        rows.push(0);
        let pairs = row.chunks(2);
        rows.extend(pairs.map(|pair| match pair {
            [left, right] => left << 4 | right & 15,
            [left] => left << 4,
            _ => 0,
        }));
    }
    rows
}

/// A zlib stream (RFC 1950) of one block that is stored (RFC 1951 section 3.2.4).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut stream = vec![0x78, 0x01, 1];
    stream.extend_from_slice(&length.to_le_bytes());
    stream.extend_from_slice(&(!length).to_le_bytes());
    stream.extend_from_slice(bytes);
    stream.extend_from_slice(&adler(bytes).to_be_bytes());
    stream
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], bytes: &[u8]) {
    png.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(0).to_be_bytes());
    png.extend_from_slice(&kind);
    png.extend_from_slice(bytes);
    let checked = kind.iter().chain(bytes);
    png.extend_from_slice(&crc(checked).to_be_bytes());
}

/// The check of PNG's chunks, CRC-32.
fn crc<'b>(bytes: impl Iterator<Item = &'b u8>) -> u32 {
    let all = bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            let carry = 0_u32.wrapping_sub(crc & 1);
            (crc >> 1) ^ (0xEDB8_8320 & carry)
        })
    });
    !all
}

/// The check of a zlib stream, Adler-32.
fn adler(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checks_give_the_published_values() {
        assert_eq!(crc(b"123456789".iter()), 0xCBF4_3926);
        assert_eq!(adler(b"Wikipedia"), 0x11E6_0398);
    }

    #[test]
    fn chunks_follow_each_other_to_the_end() {
        let png = write(4, &[7; 16], &[[1, 2, 3]; 8], 4000);
        let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap();
        let mut kinds = Vec::new();
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap();
            kinds.push(std::str::from_utf8(&after[..4]).unwrap());
            rest = &after[4 + length + 4..];
        }
        assert_eq!(kinds, ["IHDR", "PLTE", "pHYs", "IDAT", "IEND"]);
    }
}
