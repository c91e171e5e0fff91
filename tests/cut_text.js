// Texts of which a part is not shown and cannot be scrolled to.
() => {
    const cut = [];
    for (const box of document.querySelectorAll("[data-testid=stMain] *")) {
        const { width, height } = box.getBoundingClientRect();
        const style = getComputedStyle(box);
        const words = [...box.childNodes].filter((x) => x.nodeType === 3 && x.data.trim());
        if (!words.length || width <= 1 || height <= 1 || style.visibility === "hidden"
            || box.closest('[aria-hidden="true"], svg, [data-testid="stIconMaterial"]')
            || /Material/.test(style.fontFamily)) continue;
        const range = document.createRange();
        range.selectNodeContents(box);
        for (const { left, right } of range.getClientRects()) {
            let frame = box;
            while (frame && getComputedStyle(frame).overflowX === "visible") frame = frame.parentElement;
            if (!frame || /auto|scroll/.test(getComputedStyle(frame).overflowX)) continue;
            const edge = frame.getBoundingClientRect();
            if (edge.width <= 1) break; // for a screen reader alone
            if (right > edge.right + 1 || left < edge.left - 1) {
                cut.push(`${box.tagName} ${box.textContent.trim().slice(0, 60)}`);
                break;
            }
        }
    }
    return cut;
}
