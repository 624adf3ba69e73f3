// Ctrl+Enter goes on from a radio button too: such a button keeps every key to itself, so that the key of the
// page's main button would be lost on whoever has just chosen. Allowed by pages/ui/security.py, like sight.js.
(() => {
  const root = document.documentElement;
  if (root.dataset.keys) return;
  root.dataset.keys = "heard";

  const ENTER = { key: "Enter", code: "Enter", keyCode: 13, which: 13, ctrlKey: true };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey || !event.target.matches?.("input[type=radio]")) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    document.dispatchEvent(new KeyboardEvent("keydown", ENTER));
    document.dispatchEvent(new KeyboardEvent("keyup", ENTER));
  }, true);
})();
