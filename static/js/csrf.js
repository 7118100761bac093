// Logging in again in a second tab changes the token, and this page would be refused for ever.
// What is on it can still be sent if the token comes from the cookie at that moment.
const NAME = "csrfmiddlewaretoken";
export const current = () => document.cookie.match(/(?:^|; )(?:__Host-|__Secure-)?csrftoken=([^;]+)/)?.[1];

document.addEventListener("htmx:configRequest", (event) => {
  const token = current();
  if (!token) return;
  const { headers, parameters } = event.detail;
  if ("X-CSRFToken" in headers) headers["X-CSRFToken"] = token;
  if (parameters[NAME]) parameters[NAME] = token;
});

document.addEventListener("submit", (event) => {
  const field = event.target.querySelector(`input[name=${NAME}]`);
  if (field && current()) field.value = current();
});
