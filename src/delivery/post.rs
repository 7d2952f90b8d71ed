//! The ways out, together: mail always, texts where the deployment has a gateway.

use std::sync::Arc;

use crate::mail::Mailer;
use crate::text::Texter;

/// How letters leave, for the worker.
#[derive(Clone)]
pub struct Post {
    /// Mail.
    pub mailer: Arc<Mailer>,
    /// Texts, where there is a gateway.
    pub texter: Option<Arc<Texter>>,
}

impl From<Arc<Mailer>> for Post {
    fn from(mailer: Arc<Mailer>) -> Self {
        Self { mailer, texter: None }
    }
}

/// The same, borrowed for one letter. A mailer alone is a deployment without texts.
#[derive(Clone, Copy)]
pub struct Ways<'a> {
    pub(super) mailer: &'a Mailer,
    pub(super) texter: Option<&'a Texter>,
}

impl<'a> From<&'a Mailer> for Ways<'a> {
    fn from(mailer: &'a Mailer) -> Self {
        Self { mailer, texter: None }
    }
}

impl<'a> From<&'a Arc<Mailer>> for Ways<'a> {
    fn from(mailer: &'a Arc<Mailer>) -> Self {
        Self { mailer, texter: None }
    }
}

impl<'a> From<&'a Post> for Ways<'a> {
    fn from(post: &'a Post) -> Self {
        Self { mailer: &post.mailer, texter: post.texter.as_deref() }
    }
}
