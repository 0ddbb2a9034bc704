/* Shows how far work in the background is, and the page anew when it ends. */

const place = document.querySelector("[data-progress]");
const PAUSE = 1500;
let typed = false;
addEventListener("input", () => { typed = true; });

const look = async () => {
  const response = await fetch(place.dataset.progress).catch(() => null);
  // Without an answer it is asked again; who is signed out gets another page.
  if (response && (response.redirected || !response.ok)) return;
  if (response) {
    const { busy, html } = await response.json();
    // What somebody is typing stays: then the page says that it is done, with a link.
    if (!busy && !typed) return location.reload();
    place.innerHTML = html;
    if (!busy) return;
  }
  setTimeout(look, PAUSE);
};

if (place) setTimeout(look, PAUSE);
