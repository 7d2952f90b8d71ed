fn main() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let options = dutyline::app::demo::DemoOptions {
        port: 8080,
        smtp_port: 2525,
        data: std::env::args().nth(1).map(Into::into),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    if let Err(error) = runtime.block_on(dutyline::app::demo::demo(options)) {
        eprintln!("{error}");
    }
}
