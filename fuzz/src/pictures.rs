//! Reads the size of a picture. No side may be 0, and what a file of this size says must not take
//! longer than its bytes.

use std::io::Cursor;

use pressrun_site::pictures::measure_picture;

/// Checks one input.
pub fn check_picture(bytes: &[u8]) {
    if let Some(size) = measure_picture(&mut Cursor::new(bytes)) {
        assert!(size.width > 0 && size.height > 0, "{size:?}");
    }
}
