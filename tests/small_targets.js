// Buttons, links and fields that are smaller than `least` CSS pixels; WCAG 2.5.8.
(least) => {
    const roles = ["tab", "radio", "button", "switch", "checkbox", "link", "option"];
    const wanted = ["a[href]", "button", "summary", "input", "select", "textarea",
        ...roles.map((role) => `[role=${role}]`)].join();
    const found = [];
    const look = (root) => {
        for (const box of root.querySelectorAll("*")) if (box.shadowRoot) look(box.shadowRoot);
        for (const box of root.querySelectorAll(wanted)) {
            const { width, height, right } = box.getBoundingClientRect();
            const style = getComputedStyle(box);
            const label = box.closest("label, [data-testid=stRadioOption]")?.getBoundingClientRect();
            if (
                !width || !height || right <= 0 || style.visibility === "hidden"
                || style.display === "inline" || (width <= 1 && height <= 1)
                || box.closest("p, li, td") && box.matches("a")
                || label && label.height >= least - 0.5 && label.width >= least - 0.5
                || box.closest('[aria-hidden="true"], [data-testid="stSidebar"][data-collapsed="true"]')
                || box.matches('[data-testid="stSkipToContent"], [type=range], [type=file]')
                || box.closest('[data-testid="stSidebar"]') && innerWidth <= 768
            ) continue;
            if (width < least - 0.5 || height < least - 0.5) {
                const name = box.getAttribute("aria-label") ?? box.textContent;
                found.push(`${name.trim().slice(0, 40)}: ${width.toFixed(0)} × ${height.toFixed(0)}`);
            }
        }
    };
    look(document);
    return found;
}
