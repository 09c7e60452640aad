// What the scripts of the page share. They are served as one file, this one first.
'use strict';
const page = (() => {
  const byId = (id) => document.getElementById(id);
  const attempt = (work) => { try { return work(); } catch { return undefined; } };  // storage may be forbidden
  const make = (name, properties, ...children) => {
    const element = document.createElement(name);
    Object.entries(properties).forEach(([key, value]) => {
      if (key in element && key !== 'form') element[key] = value; else element.setAttribute(key, value);
    });
    element.append(...children);
    return element;
  };
  const button = (textContent, className, onclick, more) =>
    make('button', { type: 'button', textContent, className, onclick, ...more });
  const short = (key) => key.split(':').pop().replace(/^(.{6}).*(.{4})$/, '$1…$2');
  return { byId, attempt, make, button, short };
})();
