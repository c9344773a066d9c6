// fhirclient carries a replacement for Web Crypto in browsers without it. There are none left.
export default undefined;
