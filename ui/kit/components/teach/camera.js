// Pictures of the device's camera, and files made small before they are sent.

const LONGEST = 448; // pixels of a file's longer side; the server keeps no more

const toJpeg = (canvas, quality) => new Promise((done, fail) => {
  canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/jpeg", quality);
});

function drawn(source, width, height, area) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff"; // below what is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(source, ...area, 0, 0, width, height);
  return canvas;
}

// A file as a small JPEG; as it is where the browser cannot read its format.
async function shrunk(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return file;
  }
  const { width, height } = bitmap;
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const size = [width, height].map((x) => Math.max(1, Math.round(x * scale)));
  const blob = await toJpeg(drawn(bitmap, ...size, [0, 0, width, height]), 0.9);
  bitmap.close();
  return blob;
}

class Camera {
  constructor(video) {
    this.video = video;
  }

  static allowed() {
    return isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);
  }

  get on() {
    return Boolean(this.stream);
  }

  async start() {
    const side = matchMedia("(pointer: coarse)").matches ? "environment" : "user";
    this.stream = await navigator.mediaDevices.getUserMedia({
      audio: false, video: { facingMode: side, width: { ideal: 640 } },
    });
    const { facingMode } = this.stream.getVideoTracks()[0].getSettings();
    this.video.classList.toggle("mirrored", (facingMode ?? side) === "user");
    this.video.srcObject = this.stream;
    await this.video.play();
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }

  // The middle of what it sees now.
  frame(side) {
    const { videoWidth: width, videoHeight: height } = this.video;
    const size = Math.min(width, height);
    const area = [(width - size) / 2, (height - size) / 2, size, size];
    return toJpeg(drawn(this.video, side, side, area), 0.85);
  }
}
