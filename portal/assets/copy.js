// Gives each piece of code a button that copies it. Without this script the code is selected by hand.
const { clipboard } = navigator;
for (const button of clipboard ? document.querySelectorAll("button[data-copy]") : []) {
  const code = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await clipboard.writeText(code.textContent);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
