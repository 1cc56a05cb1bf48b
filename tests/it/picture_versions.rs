//! Tests the smaller versions of pictures: what is made of which file, what pages say of them, and
//! that builds make them once.

use std::collections::BTreeMap;
use std::io::Cursor;

use image::{
    DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage,
};
use pressrun_site::pictures::{PictureSize, measure_picture};

use crate::site::{Site, between};

/// Returns a JPEG picture with four inks (CMYK) of 40 by 30 pixels, all of the same colour.
fn cmyk_jpeg() -> Vec<u8> {
    let table = |class: u8| [&[0xff, 0xc4, 0, 0x14, class, 1], [0; 16].as_slice()].concat();
    let parts = [
        b"\xff\xd8\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0".to_vec(),
        // A comment, so that the file is larger than its versions.
        [b"\xff\xfe\x10\x02".as_slice(), &[b' '; 0x1000]].concat(),
        [b"\xff\xdb\0\x43\0".as_slice(), &[1; 64]].concat(),
        b"\xff\xc0\0\x14\x08\0\x1e\0\x28\x04\x01\x11\0\x02\x11\0\x03\x11\0\x04\x11\0".to_vec(),
        table(0),
        table(0x10),
        b"\xff\xda\0\x0e\x04\x01\0\x02\0\x03\0\x04\0\0\x3f\0".to_vec(),
        // Each of the 80 blocks has two bits: no difference to the one before, and its end.
        vec![0; 20],
        b"\xff\xd9".to_vec(),
    ];
    parts.concat()
}

/// Returns a picture of this size that no format makes very small.
fn photo(width: u32, height: u32) -> RgbImage {
    let mut state = 1u32;
    RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (state >> 28) as u8;
        Rgb([
            (x / 3) as u8 ^ noise,
            (y / 2) as u8 ^ noise,
            ((x + y) / 5) as u8,
        ])
    })
}

fn encode(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn photo_png(width: u32, height: u32) -> Vec<u8> {
    encode(photo(width, height), ImageFormat::Png)
}

/// Returns a JPEG picture whose camera was turned by a quarter.
fn turned_jpeg(width: u32, height: u32) -> Vec<u8> {
    let jpeg = encode(photo(width, height), ImageFormat::Jpeg);
    let exif =
        b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    [&jpeg[..2], exif.as_slice(), &jpeg[2..]].concat()
}

/// Returns an animation of two pictures.
fn animation() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut file);
    for grey in [0, 255] {
        let picture = RgbaImage::from_pixel(600, 20, Rgba([grey, 0, 0, 255]));
        encoder.encode_frame(image::Frame::new(picture)).unwrap();
    }
    drop(encoder);
    file
}

/// Returns a site with one post that shows the pictures with these names in `content/`.
fn site_with(config: &str, pictures: &[(&str, Vec<u8>)]) -> Site {
    let config =
        format!("title = \"T\"\n[content]\ndates = \"none\"\n[social]\ncards = false\n{config}");
    let mut body = "---\ntitle: One\n---\n".to_owned();
    let mut site = Site::with_config(&config);
    for (name, bytes) in pictures {
        body += &format!("![a](<{name}>)\n\n");
        site = site.file(&format!("content/{name}"), bytes);
    }
    site.file("content/one.md", body)
}

/// Returns the sizes of the versions of a built site, by their names without the hash.
fn versions(site: &Site) -> BTreeMap<String, PictureSize> {
    let files = site.public().into_iter();
    let versions = files.filter(|(path, _)| path.ends_with(".webp") && path.contains('-'));
    versions
        .map(|(path, bytes)| {
            let (before, width) = path.rsplit_once('-').unwrap();
            let (stem, hash) = before.rsplit_once('-').unwrap();
            assert_eq!(hash.len(), 8, "{path}");
            let measured = measure_picture(&mut Cursor::new(bytes)).unwrap();
            (format!("{stem}-{width}"), measured)
        })
        .collect()
}

#[track_caller]
fn check(pictures: &[(&str, Vec<u8>)], expected: &[(&str, u32, u32)], warning: Option<&str>) {
    let site = site_with("", pictures);
    let run = site.build();
    let expected = expected
        .iter()
        .map(|&(name, width, height)| (name.to_owned(), PictureSize { width, height }));
    assert_eq!(versions(&site), expected.collect());
    match warning {
        Some(warning) => assert!(run.stderr.contains(warning), "{}", run.stderr),
        None => assert!(!run.stderr.contains("unreadable-picture"), "{}", run.stderr),
    }
    for (name, bytes) in pictures {
        assert_eq!(&site.public()[*name], bytes, "it is published as it is");
    }
}

#[test]
fn pages_offer_versions_that_are_never_wider_than_the_picture() {
    let site = site_with("", &[("sub/my photo.png", photo_png(1000, 500))]);
    site.build_with(&["--base-url", "https://a.example/repo/"]);
    let expected = [("480", 240), ("960", 480), ("1000", 500)];
    let expected = expected.map(|(width, height)| {
        let name = format!("sub/my photo-{width}.webp");
        let width = width.parse().unwrap();
        (name, PictureSize { width, height })
    });
    assert_eq!(versions(&site), expected.into());
    let page = site.page("posts/one/index.html");
    let srcset = between(&page, " srcset=\"", "\"");
    let parts: Vec<(&str, &str)> = srcset
        .split(", ")
        .map(|part| part.split_once(' ').unwrap())
        .collect();
    let widths: Vec<&str> = parts.iter().map(|(_, width)| *width).collect();
    assert_eq!(widths, ["480w", "960w", "1000w"]);
    for (url, _) in parts {
        let path = url.strip_prefix("/repo/").unwrap().replace("%20", " ");
        assert!(site.public().contains_key(&path), "{path}");
    }
    assert!(
        page.contains("width=\"1000\" height=\"500\" srcset=")
            && page.contains(" sizes=\"(min-width")
    );
    assert!(!site.page("atom.xml").contains("srcset"));
}

#[test]
fn formats_are_known_by_their_contents() {
    let small = || photo(40, 30);
    check(
        &[
            ("a.png", encode(small(), ImageFormat::Png)),
            ("b.png", encode(small(), ImageFormat::Jpeg)),
            ("c.gif", encode(small(), ImageFormat::Gif)),
            ("d.webp", encode(small(), ImageFormat::WebP)),
            ("e.jpg", cmyk_jpeg()),
        ],
        &[
            ("a-40.webp", 40, 30),
            ("b-40.webp", 40, 30),
            ("c-40.webp", 40, 30),
            ("d-40.webp", 40, 30),
            ("e-40.webp", 40, 30),
        ],
        None,
    );
}

#[test]
fn deep_colours_and_transparency_become_versions() {
    let deep = ImageBuffer::from_fn(60, 40, |x, y| {
        Rgb([(x * 999) as u16, (y * 999) as u16, 7u16])
    });
    let clear = RgbaImage::from_fn(60, 40, |x, y| {
        Rgba([(x * 4) as u8, (y * 5) as u8, 9, (x * y) as u8])
    });
    check(
        &[
            ("deep.png", encode(deep, ImageFormat::Png)),
            ("clear.png", encode(clear, ImageFormat::Png)),
        ],
        &[("clear-60.webp", 60, 40), ("deep-60.webp", 60, 40)],
        None,
    );
}

#[test]
fn versions_are_turned_as_the_camera_was_held() {
    check(
        &[("a.jpg", turned_jpeg(600, 900))],
        &[("a-480.webp", 480, 320), ("a-900.webp", 900, 600)],
        None,
    );
}

#[test]
fn animation_and_formats_of_browsers_stay_as_they_are() {
    let avif = b"\0\0\0\x14ftypavif\0\0\0\0mif1".to_vec();
    check(&[("a.gif", animation())], &[], None);
    check(&[("b.avif", avif)], &[], Some("it is not a picture"));
}

#[test]
fn picture_that_cannot_be_decoded_is_a_warning_that_names_it() {
    let whole = photo_png(600, 400);
    let bomb = {
        let sides = [40_000u32.to_be_bytes(), 40_000u32.to_be_bytes()].concat();
        [&whole[..16], sides.as_slice(), &whole[24..]].concat()
    };
    let lying = {
        let sides = [9_000u32.to_be_bytes(), 9_000u32.to_be_bytes()].concat();
        [&whole[..16], sides.as_slice(), &whole[24..]].concat()
    };
    for (name, bytes, reason) in [
        (
            "cut.png",
            whole[..whole.len() / 2].to_vec(),
            "content/cut.png",
        ),
        ("bomb.png", bomb, "it has more than 100 million pixels"),
        ("lying.png", lying, "content/lying.png"),
        ("text.jpg", b"<html>".to_vec(), "it is not a picture"),
        ("empty.png", Vec::new(), "it is not a picture"),
    ] {
        check(&[(name, bytes)], &[], Some(reason));
    }
}

#[test]
fn version_that_is_no_smaller_than_the_picture_is_not_made() {
    // Sharp dots of two colours are what PNG is made for.
    let mut state = 1u32;
    let dots = GrayImage::from_fn(64, 64, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Luma([if state >> 31 == 0 { 0 } else { 255 }])
    });
    check(&[("dots.png", encode(dots, ImageFormat::Png))], &[], None);
}

#[test]
fn site_decides_whether_and_how_versions_are_made() {
    let photo = photo_png(500, 300);
    for (config, expected) in [
        ("[images]\nenabled = false\n", 0),
        ("[images]\nformats = []\n", 0),
        ("[images]\nwidths = []\n", 0),
        ("[images]\nlimit = 1\n", 0),
        ("[images]\nwidths = [100, 50, 100]\n", 4),
    ] {
        let site = site_with(
            config,
            &[("a.png", photo.clone()), ("b.png", photo.clone())],
        );
        site.build();
        assert_eq!(versions(&site).len(), expected, "{config}");
    }
    let size = |quality| {
        let config = format!("[images]\nwidths = [400]\nquality = {quality}\n");
        let site = site_with(&config, &[("a.png", photo.clone())]);
        site.build();
        let public = site.public();
        let version = public.iter().find(|(path, _)| path.ends_with("-400.webp"));
        version.unwrap().1.len()
    };
    assert!(size(20) < size(90));
    for (config, message) in [
        (
            "[images]\nwidths = [5]\n",
            "`widths` takes up to 10 whole numbers from 16 to 8000",
        ),
        (
            "[images]\nformats = [\"avif\"]\n",
            "`formats` takes `webp`, not `avif`",
        ),
        (
            "[images]\nquality = 0\n",
            "`quality` takes a whole number from 1 to 100",
        ),
    ] {
        let run = Site::with_config(config).run(&["build"]);
        assert!(
            run.code != 0 && run.stderr.contains(message),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn versions_are_made_once_and_the_same_by_any_number_of_threads() {
    let pictures: Vec<(String, Vec<u8>)> = (0..4)
        .map(|number| (format!("p{number}.png"), photo_png(500 + number, 300)))
        .collect();
    let pictures: Vec<(&str, Vec<u8>)> = pictures
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.clone()))
        .collect();
    let site = site_with("", &pictures);
    let build = |threads: &str| {
        let output = site
            .command()
            .args(["build", "--force"])
            .env("RAYON_NUM_THREADS", threads)
            .output();
        assert!(output.unwrap().status.success());
        site.public()
    };
    let first = build("1");
    let kept = site.path(".pressrun/pictures");
    let list = || {
        let files = std::fs::read_dir(&kept)
            .unwrap()
            .map(|entry| entry.unwrap());
        files
            .map(|entry| {
                (
                    entry.file_name(),
                    entry.metadata().unwrap().modified().unwrap(),
                )
            })
            .collect::<BTreeMap<_, _>>()
    };
    let before = list();
    assert_eq!(build("4"), first);
    assert_eq!(list(), before, "nothing is made again");
    std::fs::remove_dir_all(site.path(".pressrun")).unwrap();
    assert_eq!(build("4"), first);
    // Damage to what is kept is repaired.
    for path in before.keys() {
        let path = kept.join(path);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, vec![0; bytes.len()]).unwrap();
    }
    std::fs::remove_dir_all(site.path("public")).unwrap();
    site.build();
    assert_eq!(site.public(), first);
    // What no page shows any more is forgotten.
    site.write("content/one.md", "---\ntitle: One\n---\n![a](p0.png)\n");
    site.build();
    assert_eq!(list().len(), 3);
}

#[test]
fn lists_show_small_pictures_of_covers() {
    let site = site_with("", &[("a.png", photo_png(700, 350))]).file(
        "content/two.md",
        "---\ntitle: Two\ncover: a.png\n---\nText.\n",
    );
    site.build();
    let home = site.page("index.html");
    let thumb = between(&home, "<img class=\"thumb\" src=\"", ">");
    assert!(
        thumb.starts_with("/a-")
            && thumb.contains("-480.webp\" alt=\"\" width=\"480\" height=\"240\""),
        "{thumb}"
    );
    let site = site_with(
        "[images]\nenabled = false\n",
        &[("a.png", photo_png(700, 350))],
    )
    .file(
        "content/two.md",
        "---\ntitle: Two\ncover: a.png\n---\nText.\n",
    );
    site.build();
    assert!(
        !site.page("index.html").contains("class=\"thumb\""),
        "the picture itself is too large"
    );
}
