// Leads a person to where an act led: into the window, and the focus to its heading where nothing has it any
// more; a page that begins does so at its top. Its text is its right to run: pages/ui/security.py allows exactly this, and pages/ui/sight.py says when.
(() => {
  const { act, begins } = document.currentScript.dataset;
  const root = document.documentElement;
  if (root.dataset.act === act) return;
  root.dataset.act = act;

  const TYPED_IN = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable=true]";
  const SPACE = 8;
  const WAIT_MS = 30;
  const find = (selector) => document.querySelector(selector);

  function begin() {
    const frame = find("[data-testid=stMain]"); // a conversation has another, which keeps to its end
    if (frame) frame.scrollTo(0, 0);
    arrive();
  }

  function arrive() {
    if (root.dataset.act !== act) return;
    const heading = find(".stMain :is(h1, h2, h3, h4)");
    const done = find("[data-test-script-state=notRunning]");
    if (!heading || !done) return void setTimeout(arrive, WAIT_MS);
    if (!find("[role=dialog]")) focus(heading);
  }

  function follow() {
    if (root.dataset.act !== act) return;
    const place = find(".st-key-refusal, .st-key-sight");
    const done = find("[data-test-script-state=notRunning]");
    if (!place || !done || place.querySelector("[data-testid=stSkeleton]")) return void setTimeout(follow, WAIT_MS);
    if (document.activeElement.matches(TYPED_IN) || find("[role=dialog]")) return;
    const heading = place.querySelector("h1, h2, h3, h4");
    show(place, heading || place);
    if (heading) focus(heading);
  }

  function focus(heading) {
    if (document.activeElement !== document.body) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }

  function show(place, heading) {
    const frame = place.closest("[data-testid=stMain]");
    const header = find("[data-testid=stHeader]");
    if (!frame) return;
    const above = header ? header.getBoundingClientRect().bottom : 0;
    const below = window.innerHeight;
    const top = place.getBoundingClientRect().top;
    const bottom = firstChoice(place, heading).getBoundingClientRect().bottom;
    if (top >= above && below >= bottom) return;
    const whole = below - above - SPACE >= bottom - top;
    frame.scrollBy(0, (whole ? top : heading.getBoundingClientRect().top) - above - SPACE);
  }

  function firstChoice(place, heading) {
    const follows = (button) => heading.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING;
    return [...place.querySelectorAll("[data-testid=stButton] button")].find(follows) || heading;
  }

  if (begins === "true") begin();
  else follow();
})();
