/* A page with several forms: sending one of them loses what was typed in the others. */

const answers = (form) =>
  JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"));

const elsewhere = document.querySelector('meta[name="nap-elsewhere"]').content;
const forms = [...document.querySelectorAll("#content form[method=post]")];
const opened = new Map(forms.map((form) => [form, answers(form)]));

addEventListener("submit", (event) => {
  const { confirm: question } = event.target.dataset;
  const others = forms.some((form) => form !== event.target && answers(form) !== opened.get(form));
  const asked = question ?? (others && elsewhere);
  if (asked && !event.target.dataset.asked && !confirm(asked)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  // The editor sends its form again once it has looked, and need not warn once more.
  event.target.dataset.asked = "yes";
  if (asked) document.body.dataset.leaving = "yes";
}, { capture: true });
