// What looks wrong in the notebook that is open, a sentence each: called by looks.py.
(() => {
  const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden)');
  const scroller = panel.querySelector('.jp-WindowedPanel-outer');
  const right = scroller.getBoundingClientRect().left + scroller.clientWidth + 1;
  const cells = [...panel.querySelectorAll('.jp-Cell')];
  const place = (element) => `cell ${cells.indexOf(element.closest('.jp-Cell')) + 1}`;

  // An element may reach beyond the panel where it, or what it lies in, has a scroll bar of its own.
  function scrolls(element) {
    for (let one = element; one !== scroller; one = one.parentElement)
      if (/auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth) return true;
    return false;
  }

  // The share of a picture's pixels that are not opaque.
  function seeThrough(image) {
    const context = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d');
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, image.naturalWidth, image.naturalHeight).data;
    return pixels.filter((value, index) => index % 4 === 3 && value < 255).length / (pixels.length / 4);
  }

  function* picture(image) {
    if (!image.naturalWidth) yield 'a picture is missing';
    else if (image.width < 100 || image.height < 50) yield 'a picture is too small to see';
    else if (seeThrough(image) > 0.01) yield "a picture lets the theme's ground through";
    if (image.getBoundingClientRect().right > right) yield 'a picture is wider than the notebook';
  }

  function* output(element) {
    if (element.getBoundingClientRect().right > right && !scrolls(element)) yield 'something is cut off on the right';
  }

  function* cell(element) {
    if (!element.getBoundingClientRect().height) yield 'it is empty';
    if (element.innerText.includes('Error displaying widget')) yield 'a widget is missing';
  }

  const looked = [
    ['.jp-Cell', cell],
    ['.jp-Cell img', picture],
    ['.jp-RenderedHTMLCommon *, .jp-OutputArea-output, .jp-OutputArea-output *', output],
  ];

  function layout() {
    const faults = new Set();
    if (document.documentElement.scrollWidth > innerWidth) faults.add('the page scrolls sideways');
    if (scroller.scrollWidth > scroller.clientWidth) faults.add('the notebook scrolls sideways');
    for (const [selector, look] of looked)
      for (const element of panel.querySelectorAll(selector))
        for (const fault of look(element)) faults.add(`${place(element)}: ${fault}`);
    return [...faults];
  }

  function view() {
    const faults = document.querySelector('.jp-Dialog') ? ['a dialog is open'] : [];
    for (const [name, selector] of [['toolbar', '.jp-NotebookPanel-toolbar'], ['first cell', '.jp-Cell']]) {
      const element = panel.querySelector(selector);
      const box = element.getBoundingClientRect();
      const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (!element.contains(there)) faults.push(`the ${name} is not in view`);
    }
    return faults;
  }

  return {layout, view};
})()
