//! Tests `pressrun publish --workflow`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::repository::Repository;
use crate::site::Site;

const PATH: &str = ".github/workflows/pages.yml";

fn repository() -> Repository {
    let config = "title = \"T\"\nbase_url = \"https://me.github.io/blog/\"\ndescription = \"D\"\n";
    let site = Site::with_config(config).file(
        "content/a.md",
        "---\ntitle: A\ndate: 2026-01-01\n---\nWords.\n",
    );
    let repository = Repository::new(site);
    repository.git(&["remote", "add", "origin", "https://github.com/me/blog.git"]);
    repository
}

/// Writes the workflow, which must succeed, and returns what the program printed.
#[track_caller]
fn write(repository: &Repository, arguments: &[&str]) -> String {
    let run = repository.run(&[arguments, &["publish", "--workflow"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout
}

/// Reads the workflow as JSON, which can express all YAML that it contains.
fn data(repository: &Repository) -> Value {
    let text = std::fs::read_to_string(repository.site.path(PATH)).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

#[test]
fn workflow_has_what_github_pages_needs() {
    let repository = repository();
    let said = write(&repository, &[]);
    assert_eq!(
        said,
        "\
.github/workflows/pages.yml: written
it builds the site after each push to `main`

next:
    git add .github/workflows/pages.yml
    git commit -m \"Publish with a workflow\" && git push

this setting on GitHub is needed once: in https://github.com/me/blog/settings/pages, under \"Build and deployment\",
the source \"GitHub Actions\"

this pressrun was not built by a release, so the workflow does not know where to install it from:
set the variable `PRESSRUN_REPOSITORY` in https://github.com/me/blog/settings/variables/actions
to the address of the repository whose releases have pressrun 0.1.0; until then nothing is published
"
    );
    let data = data(&repository);
    assert_eq!(data["on"]["push"]["branches"][0], "main");
    assert!(
        data["on"]
            .as_object()
            .unwrap()
            .contains_key("workflow_dispatch")
    );
    assert!(data["on"]["schedule"].is_null());
    for (name, right) in [
        ("contents", "read"),
        ("pages", "write"),
        ("id-token", "write"),
    ] {
        assert_eq!(data["permissions"][name], right);
    }
    assert_eq!(data["concurrency"]["group"], "pages");
    assert_eq!(data["concurrency"]["cancel-in-progress"], false);

    let build = &data["jobs"]["build"];
    let steps = build["steps"].as_array().unwrap();
    let step = |action: &str| {
        let uses = |step: &&Value| step["uses"].as_str() == Some(action);
        let found = steps.iter().find(uses);
        found.unwrap_or_else(|| panic!("no {action} in {steps:#?}"))
    };
    assert_eq!(step("actions/checkout@v7")["with"]["fetch-depth"], 0);
    assert_eq!(step("actions/configure-pages@v6")["id"], "pages");
    assert_eq!(
        step("actions/upload-pages-artifact@v5")["with"]["path"],
        "public"
    );
    assert!(steps.iter().any(|step| step["with"]["path"] == ".pressrun"));
    let builds = steps
        .iter()
        .find(|step| step["name"] == "Build")
        .expect("a step that builds");
    assert_eq!(builds["run"], "pressrun build --base-url \"$BASE_URL\"");
    assert_eq!(
        builds["env"]["BASE_URL"],
        "${{ steps.pages.outputs.base_url }}/"
    );

    // A build of this repository knows no release.
    let install = steps.iter().find(|step| step["name"] == "Install pressrun");
    let install = install.expect("a step that installs pressrun");
    assert_eq!(
        install["env"]["REPOSITORY"],
        "${{ vars.PRESSRUN_REPOSITORY }}"
    );
    assert_eq!(install["env"]["VERSION"], env!("CARGO_PKG_VERSION"));
    assert_eq!(build["if"], "vars.PRESSRUN_REPOSITORY != ''");
    assert_eq!(
        data["jobs"]["fill-in"]["if"],
        "vars.PRESSRUN_REPOSITORY == ''"
    );

    let deploy = &data["jobs"]["deploy"];
    assert_eq!(deploy["needs"], "build");
    assert_eq!(deploy["environment"]["name"], "github-pages");
    assert_eq!(deploy["steps"][0]["uses"], "actions/deploy-pages@v5");
    assert_eq!(deploy["steps"][0]["id"], "deployment");
}

#[test]
fn posts_dated_ahead_make_it_run_every_day() {
    let repository = repository();
    write(&repository, &[]);
    let post = "---\ntitle: B\ndate: 2026-06-20\n---\nOther things.\n";
    repository.site.write("content/b.md", post);
    let run = repository.run(&["check", "--deploy"]);
    assert!(
        run.stdout.contains("pages.yml: warning[no-schedule]: "),
        "{}",
        run.stdout
    );
    let said = write(&repository, &[]);
    assert!(
        said.contains("and every day because of 1 scheduled post"),
        "{said}"
    );
    let cron = data(&repository)["on"]["schedule"][0]["cron"].clone();
    let cron = cron.as_str().unwrap();
    assert_eq!(cron.split(' ').count(), 5, "{cron}");
    assert!(cron.ends_with("* * *"), "{cron}");
    let run = repository.run(&["check", "--deploy"]);
    assert!(!run.stdout.contains("no-schedule"), "{}", run.stdout);
}

#[test]
fn edited_workflow_is_left_alone() {
    let repository = repository();
    write(&repository, &[]);
    assert!(write(&repository, &[]).contains("pages.yml: up to date\n"));
    let edited = std::fs::read_to_string(repository.site.path(PATH)).unwrap() + "# mine\n";
    repository.site.write(PATH, &edited);
    let run = repository.run(&["publish", "--workflow"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .contains("error[workflow-edited]: it already exists and is not as pressrun"),
        "{}",
        run.stderr
    );
    let kept = std::fs::read_to_string(repository.site.path(PATH)).unwrap();
    assert_eq!(kept, edited);
}

#[test]
fn site_in_a_folder_is_built_there_by_a_workflow_at_the_root() {
    let repository = repository();
    let path = repository.site.path("docs/my blog");
    std::fs::create_dir_all(path.join("content")).unwrap();
    std::fs::write(path.join("site.toml"), "title = \"T\"\n").unwrap();
    std::fs::write(
        repository.site.path(".gitmodules"),
        "[submodule \"x\"]\n\tpath = x\n",
    )
    .unwrap();
    write(&repository, &["--root", "docs/my blog"]);
    let data = data(&repository);
    let build = &data["jobs"]["build"];
    assert_eq!(
        build["defaults"]["run"]["working-directory"],
        "docs/my blog"
    );
    assert_eq!(build["steps"][0]["with"]["submodules"], "recursive");
    let text = std::fs::read_to_string(repository.site.path(PATH)).unwrap();
    assert!(text.contains("path: 'docs/my blog/public'\n"), "{text}");
    assert!(text.contains("path: 'docs/my blog/.pressrun'\n"), "{text}");
}

/// Checks a workflow with actionlint, if this machine has it.
#[track_caller]
pub(crate) fn check_with_actionlint(path: &Path) {
    match Command::new("actionlint").arg(path).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{said}");
        }
        Err(_) => {
            #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
            {
                eprintln!("skipped: there is no actionlint on this machine");
            }
        }
    }
}

#[test]
fn actionlint_has_nothing_to_say() {
    let repository = repository();
    let post = "---\ntitle: B\ndate: 2026-06-20\n---\nOther things.\n";
    repository.site.write("content/b.md", post);
    write(&repository, &[]);
    check_with_actionlint(&repository.site.path(PATH));
}

#[test]
fn workflow_is_written_without_rendering_the_site() {
    let repository = repository();
    repository
        .site
        .write("templates/post.html", "{{ post.titel }}");
    let run = repository.run(&["publish", "--workflow"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!repository.site.path(".pressrun/cards").exists());
}
