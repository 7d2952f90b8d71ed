//! A telephone in place of a computer: a narrow touch screen, drawn on with a finger.

use serde_json::json;

use crate::Browser;

/// A common telephone, CSS pixels.
const SIZE: [u64; 2] = [390, 844];

impl Browser {
    /// From here on the browser is a telephone: a narrow screen that is touched.
    ///
    /// # Panics
    /// When the browser has gone.
    pub fn becomes_a_phone(&self) {
        let size = json!({ "width": SIZE[0], "height": SIZE[1], "deviceScaleFactor": 2, "mobile": true });
        self.driver.command("Emulation.setDeviceMetricsOverride", &size);
        self.driver
            .command("Emulation.setTouchEmulationEnabled", &json!({ "enabled": true, "maxTouchPoints": 5 }));
    }

    /// Draws a wave on the signature pad with a finger.
    ///
    /// # Panics
    /// When there is no pad.
    pub async fn draw_with_a_finger(&self) {
        self.becomes_a_phone();
        let script = "const pad = document.querySelector('canvas'); pad.scrollIntoView({block: 'center'});
            const box = pad.getBoundingClientRect(); return [box.left, box.top, box.width, box.height]";
        let [left, top, width, height]: [f64; 4] =
            serde_json::from_value(self.run(script).await).expect("a pad's place");
        let at = |step: u32| {
            let x = left + width * (0.1 + 0.8 * f64::from(step) / 40.0);
            let y = top + height * (0.5 + 0.3 * (f64::from(step) / 3.0).sin());
            json!([{ "x": x, "y": y }])
        };
        let touch = |kind: &str, points| {
            self.driver.command("Input.dispatchTouchEvent", &json!({ "type": kind, "touchPoints": points }));
        };
        touch("touchStart", at(0));
        (1..40).for_each(|step| touch("touchMove", at(step)));
        touch("touchEnd", json!([]));
    }
}
