//! What a person does in a form: type, choose, put a file there.

use fantoccini::Locator;

use crate::Browser;

impl Browser {
    /// Types into the field with this name, in place of what stood there.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn fill(&self, name: &str, words: &str) {
        let field = self.named(name).await;
        field.clear().await.expect("a field that can be cleared");
        field.send_keys(words).await.expect("a field that can be typed into");
    }

    /// Puts a file into the field with this name.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn put_file(&self, name: &str, path: &str) {
        self.named(name).await.send_keys(path).await.expect("a field for files");
    }

    /// Chooses an answer: a radio button, a box or a line of a list.
    ///
    /// # Panics
    /// When there is no such answer.
    pub async fn choose(&self, name: &str, value: &str) {
        let path = format!(
            "//*[@name='{name}'][@value='{value}'] | //select[@name='{name}']/option[@value='{value}']"
        );
        let answer = self.client.find(Locator::XPath(&path)).await;
        let answer = answer.unwrap_or_else(|_| panic!("no answer {value} to {name}"));
        answer.click().await.unwrap_or_else(|error| panic!("{value} of {name}: {error}"));
    }

    /// Chooses an answer whose words begin so: a line of a list, or what stands beside a button or box.
    ///
    /// # Panics
    /// When there is no such answer.
    pub async fn pick(&self, name: &str, words: &str) {
        let begins = format!("[starts-with(normalize-space(.), \"{words}\")]");
        let path = format!(
            "//select[@name='{name}']/option{begins} | //input[@name='{name}']/following-sibling::label{begins}"
        );
        let answer = self.client.find(Locator::XPath(&path)).await;
        let answer = answer.unwrap_or_else(|_| panic!("no answer “{words}” to {name}"));
        answer.click().await.unwrap_or_else(|error| panic!("“{words}” of {name}: {error}"));
    }

    /// Types a day into the three fields of this name.
    ///
    /// # Panics
    /// When there are no such fields.
    pub async fn fill_day(&self, name: &str, day: &[impl AsRef<str>; 3]) {
        for (part, typed) in ["day", "month", "year"].iter().zip(day) {
            self.fill(&format!("{name}-{part}"), typed.as_ref()).await;
        }
    }

    /// What stands in the field with this name.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn typed(&self, name: &str) -> String {
        self.named(name).await.prop("value").await.ok().flatten().unwrap_or_default()
    }
}
