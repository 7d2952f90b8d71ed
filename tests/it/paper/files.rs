//! Files to send, good and bad, made in memory.

use pixels::image;

use super::photo::{as_jpeg, as_picture, blank};

/// A whole JPEG with something put after its first two bytes.
pub fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, content, &jpeg[2..]].concat()
}

/// EXIF with a place, and a camera whose name can be looked for.
pub fn exif_with_place() -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    // 0x010f Make, ASCII, 12 characters at 38; 0x8825 GPS, LONG, at 50.
    exif.extend_from_slice(&[0x01, 0x0f, 0, 2, 0, 0, 0, 12, 0, 0, 0, 38]);
    exif.extend_from_slice(&[0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 50]);
    exif.extend_from_slice(&[0, 0, 0, 0]);
    exif.extend_from_slice(b"SPYCAMERA-9\0");
    exif.extend_from_slice(b"\0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0 PLACE 51.2787N 1.0877E");
    exif
}

/// A PDF from its objects, numbered from 1; `trailer` is put into its trailer.
pub fn pdf(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", number + 1).as_bytes());
    }
    let start = file.len();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    places.iter().for_each(|place| table.push_str(&format!("{place:010} 00000 n \n")));
    let size = objects.len() + 1;
    table
        .push_str(&format!("trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"));
    file.extend_from_slice(table.as_bytes());
    file
}

/// A PDF of so many empty A4 pages.
pub fn empty_pages(count: usize) -> Vec<u8> {
    let kids: Vec<String> = (0..count).map(|n| format!("{} 0 R", n + 3)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Count {count} /Kids [{}] >>", kids.join(" ")),
    ];
    objects.extend((0..count).map(|_| "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_owned()));
    pdf(&objects, "")
}

/// A PDF that asks for a password (RC4, 40 bits): its keys fit no password that anybody has.
pub fn locked() -> Vec<u8> {
    let keys = format!("/O <{}> /U <{}>", "5a".repeat(32), "a5".repeat(32));
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_owned(),
        format!("<< /Filter /Standard /V 1 /R 2 /P -44 {keys} >>"),
    ];
    let id = "00112233445566778899aabbccddeeff";
    pdf(&objects, &format!("/Encrypt 4 0 R /ID [<{id}> <{id}>]"))
}

/// One A4 page with a picture of so many pixels on a side, of nothing but run lengths.
pub fn pdf_with_picture(side: u64) -> Vec<u8> {
    // RunLength: 0x81 repeats the next byte 128 times. Twice of it is a small picture's worth; the page
    // claims the rest, and a reader that believes it takes all the memory there is.
    let runs = "8100".repeat(200_000);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /XObject << /P 4 0 R >> >> >>".to_owned(),
        format!(
            "<< /Type /XObject /Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter [/ASCIIHexDecode /RunLengthDecode] /Length {} >>\nstream\n{runs}>\nendstream",
            runs.len() + 1
        ),
        "<< /Length 29 >>\nstream\nq 595 0 0 842 0 0 cm /P Do Q\nendstream".to_owned(),
    ];
    pdf(&objects, "")
}

/// A form PDF with a script that would run when it is opened.
pub fn with_script(form: &[u8]) -> Vec<u8> {
    let mut file = lopdf::Document::load_mem(form).expect("loads");
    let mut action = lopdf::Dictionary::new();
    action.set("S", lopdf::Object::Name(b"JavaScript".to_vec()));
    action.set("JS", lopdf::Object::string_literal("app.alert('SCRIPT-RAN')"));
    file.catalog_mut().expect("a catalogue").set("OpenAction", action);
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).expect("saves");
    bytes
}

/// A PNG that says it is `side` pixels wide and high, and has next to nothing in it.
pub fn png_bomb(side: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = b"IHDR".to_vec();
    header.extend_from_slice(&side.to_be_bytes());
    header.extend_from_slice(&side.to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    for chunk in [&header[..], b"IDAT\x78\x9c\x63\x60\x00\x00\x00\x02\x00\x01", b"IEND"] {
        bytes.extend_from_slice(&u32::try_from(chunk.len() - 4).expect("short").to_be_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(&crc(chunk).to_be_bytes());
    }
    bytes
}

/// CRC-32 of a PNG chunk (ISO/IEC 15948, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}

/// A picture so blurred that no code is left.
pub fn blurred(jpeg: &[u8]) -> Vec<u8> {
    let picture = image::DynamicImage::ImageLuma8(as_picture(jpeg)).thumbnail(300, 300);
    as_jpeg(
        &picture.thumbnail(150, 150).resize(900, 900, image::imageops::FilterType::Triangle).into_luma8(),
        80,
    )
}

/// A photo of an empty sheet.
pub fn empty_sheet() -> Vec<u8> {
    as_jpeg(&blank(900, 1_270), 80)
}

/// The same picture, on its head.
pub fn on_its_head(jpeg: &[u8]) -> Vec<u8> {
    as_jpeg(&image::DynamicImage::ImageLuma8(as_picture(jpeg)).rotate180().into_luma8(), 85)
}
