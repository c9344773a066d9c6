// Follows a running check. Without this script the page reloads itself every few seconds.
const region = document.querySelector("[data-live]");
if (region && "EventSource" in window) {
  document.querySelectorAll("[data-without-script]").forEach((element) => element.remove());
  const source = new EventSource(region.dataset.live);
  let busy = false;
  let again = false;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.querySelector("[data-live]");
      // The finished page has no live region: show it whole, with its verdict and its buttons.
      if (next) region.replaceChildren(...next.childNodes); else location.reload();
    }
    busy = false;
    if (again) { again = false; setTimeout(refresh, 250); }
  };
  source.onmessage = refresh;
  ["progress", "event", "finished"].forEach((name) => source.addEventListener(name, refresh));
  source.addEventListener("finished", () => source.close());
  source.onerror = () => setTimeout(refresh, 1500);
}
