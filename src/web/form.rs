//! A form reaches its handler only through here: from this site (the layers before), by somebody who
//! may use the route (the guard before), of limited size, as pairs in which a name may come twice.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Multipart, Request};

use super::error::PageError;
use super::{FORM_LIMIT, Site, UPLOAD_LIMIT};
use crate::domain::form::Raw;

/// The fields of a posted form, as they were typed.
pub struct Protected(pub Raw);

/// Most fields of one form.
const MOST_FIELDS: usize = 500;

impl FromRequest<Arc<Site>> for Protected {
    type Rejection = PageError;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, PageError> {
        let request = limited(request, FORM_LIMIT);
        let Form(pairs) =
            Form::<Vec<(String, String)>>::from_request(request, site).await.map_err(refusal)?;
        if pairs.len() > MOST_FIELDS {
            return Err(PageError::TooLarge);
        }
        let mut raw = Raw::default();
        pairs.into_iter().for_each(|(name, value)| raw.push(&name, value));
        Ok(Self(raw))
    }
}

fn refusal(rejection: FormRejection) -> PageError {
    match rejection {
        FormRejection::BytesRejection(_) => PageError::TooLarge,
        _ => PageError::BadRequest,
    }
}

/// The same request with a body that fails when it grows past `most` bytes.
fn limited(request: Request, most: usize) -> Request {
    let (parts, body) = request.into_parts();
    Request::from_parts(parts, Body::new(http_body_util::Limited::new(body, most)))
}

/// A scan that was sent, and whether somebody compared the printed reference.
pub struct ScanUpload {
    /// At most [`UPLOAD_LIMIT`] bytes; empty when no file was chosen.
    pub bytes: Vec<u8>,
    /// The box beside it was ticked.
    pub compared: bool,
}

impl FromRequest<Arc<Site>> for ScanUpload {
    type Rejection = PageError;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, PageError> {
        let request = limited(request, UPLOAD_LIMIT);
        let mut form = Multipart::from_request(request, site).await.map_err(|_| PageError::BadRequest)?;
        let mut upload = Self { bytes: Vec::new(), compared: false };
        while let Some(field) = form.next_field().await.map_err(|_| PageError::TooLarge)? {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(|_| PageError::TooLarge)?;
            match name.as_str() {
                "file" => upload.bytes = bytes.to_vec(),
                "compared" => upload.compared = bytes.as_ref() == b"yes",
                _ => {}
            }
        }
        Ok(upload)
    }
}

/// One uploaded file: the name it came with and its bytes.
pub struct Upload {
    /// As the browser told it; to be cleaned.
    pub name: String,
    /// At most [`UPLOAD_LIMIT`] bytes.
    pub bytes: Vec<u8>,
}

impl FromRequest<Arc<Site>> for Upload {
    type Rejection = PageError;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, PageError> {
        let request = limited(request, UPLOAD_LIMIT);
        let mut form = Multipart::from_request(request, site).await.map_err(|_| PageError::BadRequest)?;
        while let Some(field) = form.next_field().await.map_err(|_| PageError::TooLarge)? {
            if field.name() == Some("file") {
                let name = field.file_name().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.map_err(|_| PageError::TooLarge)?.to_vec();
                return Ok(Self { name, bytes });
            }
        }
        Ok(Self { name: String::new(), bytes: Vec::new() })
    }
}
